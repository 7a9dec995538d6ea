using System.Diagnostics;

namespace FolioCheck.Mutants;

/// <summary>Starts Stryker, so that a run gives the same everywhere.</summary>
public sealed class Stryker(string root, Target target, int? concurrency)
{
    /// <summary>Restores the version that the tool manifest names.</summary>
    public void Restore() => Run("tool", "restore");

    /// <summary>
    /// Tests mutants with the quick suite of stryker-config.json, or with the long one of stryker-long.json: all tests that hold a model against
    /// the other, against what was recorded or against what was written down, and the main job with every property.
    /// Its timeout is long: a mutant that came so far hardly loops.
    /// </summary>
    /// <param name="mutate">Files, or spans of files.</param>
    /// <param name="longSuite">Whether to run the long suite.</param>
    /// <returns>The JSON report.</returns>
    /// <exception cref="InvalidOperationException">Stryker failed: it does so when a test fails without mutants, too.</exception>
    public string Test(IEnumerable<string> mutate, bool longSuite)
    {
        string output = Path.Combine("StrykerOutput", target.Name, longSuite ? "long" : "quick");
        List<string> arguments = ["stryker", "--skip-version-check", "--verbosity", "error", "--project", target.Project, "--output", output];
        arguments.AddRange(["--config-file", longSuite ? "stryker-long.json" : "stryker-config.json"]);
        foreach (string pattern in mutate)
            arguments.AddRange(["--mutate", "**/" + pattern]);
        if (concurrency is int sessions)
            arguments.AddRange(["--concurrency", $"{sessions}"]);
        string report = Path.Combine(root, output, "reports", "mutation-report.json");
        // An old report must never pass for a new one.
        if (File.Exists(report))
            File.Delete(report);
        Run([.. arguments]);
        return File.ReadAllText(report);
    }

    private void Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = root };
        // The same cases each time; a mutant is killed only when shrinking has ended; one that allocates without end dies early (hexadecimal);
        // and a mutant's process lives too shortly for profiles to pay.
        start.Environment["FOLIOCHECK_SEED"] = "20260101,1234567";
        start.Environment.Remove("FOLIOCHECK_MAXTEST");
        start.Environment["FOLIOCHECK_SHRINK"] = "0";
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x30000000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
