using System.Diagnostics;

namespace FolioCheck.Mutants;

/// <summary>
/// Lets Stryker make the mutants of a model, all in one assembly, and say what they are. Stryker's own way to test them starts a process for each,
/// which costs over a second before the first scenario; <see cref="Workers"/> test them one after the other.
/// </summary>
public sealed class Stryker(string root, Target target)
{
    /// <summary>Environment variable with the folder where a test of this repository keeps the assembly that Stryker runs it with.</summary>
    private const string KeepIn = "FOLIOCHECK_KEEP_MUTANTS";

    /// <summary>Makes all mutants.</summary>
    /// <param name="folder">Where the assembly goes.</param>
    /// <returns>The JSON report: no mutant in it was tested.</returns>
    /// <exception cref="InvalidOperationException">Stryker failed.</exception>
    public string Make(string folder)
    {
        string output = Path.Combine("StrykerOutput", target.Name, "stryker");
        string report = Path.Combine(root, output, "reports", "mutation-report.json");
        // What an earlier run left must never pass for new.
        File.Delete(Path.Combine(folder, target.Assembly));
        if (File.Exists(report))
            File.Delete(report);
        DotNet(folder, "tool", "restore");
        DotNet(folder, "stryker", "--skip-version-check", "--verbosity", "error", "--project", target.Project, "--output", output, "--config-file", "stryker-make.json");
        if (!File.Exists(Path.Combine(folder, target.Assembly)))
            throw new InvalidOperationException("Stryker ran no test with its mutants");
        return File.ReadAllText(report);
    }

    private void DotNet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = root };
        start.Environment[KeepIn] = folder;
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
