using System.Diagnostics;
using FolioCheck.Cli;

namespace FolioCheck.Properties.Tests.Live;

/// <summary>The command as a process of its own: it can be killed, and settings are looked at when it is gone.</summary>
internal sealed class LiveProgram : IDisposable
{
    private readonly Process _process;

    public LiveProgram(params string[] arguments)
    {
        string program = typeof(CommandLine).Assembly.Location;
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet", [program, .. arguments]) { RedirectStandardOutput = true };
        if (!Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.Ordinal))
            start.FileName = "dotnet";
        _process = Process.Start(start)!;
    }

    public int Id => _process.Id;

    public void Kill() => _process.Kill();

    /// <summary>Ctrl-C, and SIGTERM after it: a shell that runs tests in the background has its children ignore SIGINT.</summary>
    public void Interrupt()
    {
        Signal("-INT");
        Signal("-TERM");
    }

    private void Signal(string signal)
    {
        using Process kill = Process.Start("kill", [signal, Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public (int Code, string Output) Finish()
    {
        string output = _process.StandardOutput.ReadToEnd();
        _process.WaitForExit();
        return (_process.ExitCode, output);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
