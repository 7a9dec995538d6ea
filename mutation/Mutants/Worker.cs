using System.Diagnostics;

namespace FolioCheck.Mutants;

/// <summary>A process of mutation/Suite beside an assembly with mutants. One that ended is started again with the next question.</summary>
/// <param name="program">Its assembly.</param>
/// <param name="corpus">The folder properties/corpus.</param>
public sealed class Worker(string program, string corpus) : IDisposable
{
    private Process? _process;

    /// <summary>Asks a question.</summary>
    /// <returns>The answer; null if the process died of it.</returns>
    public string? Ask(string question)
    {
        _process ??= Start();
        _process.StandardInput.WriteLine(question);
        _process.StandardInput.Flush();
        string? answer = _process.StandardOutput.ReadLine();
        if (answer is null or "Lost")
            Dispose();
        return answer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    private Process Start()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", program, corpus])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A mutant that allocates without end dies early (hexadecimal bytes).
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x40000000";
        Process process = Process.Start(start)!;
        // Nobody reads what a dying process says.
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }
}
