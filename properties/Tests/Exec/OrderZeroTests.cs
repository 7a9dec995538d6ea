using FolioCheck.Cli;
using Xunit;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>The example in C, from the command line: it passes, and its bug is caught, shrunk and saved.</summary>
public sealed class OrderZeroTests(OrderZeroExample example) : IClassFixture<OrderZeroExample>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (int Code, string[] Lines) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = CommandLine.Run(arguments, output, errors);
        Assert.Equal("", errors.ToString());
        return (code, output.ToString().TrimEnd('\n').Split('\n'));
    }

    [NeedsProgramFact(Programs.Compiler)]
    public void It_holds_and_the_run_says_what_was_compared()
    {
        (int code, string[] lines) = Run("check", "--no-canary", "--system", $"exec:{example.Path}", "--cases", "200", "--limit", "60s");
        Assert.Equal(ExitCode.Held, code);
        Assert.Contains("divergences: 0", lines);
        Assert.Contains("orders: 0", lines);
        Assert.Contains("operations drawn: exit, fork, madvise DONTNEED, mmap, mprotect, munmap, read, write, write_range", lines);
        Assert.Contains(lines, line => line.StartsWith("compared: outcomes, machine (anon_mapped, free_frames), processes (process, rss_anon), entries (page, count, folio,", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("not compared: machine (anon_thps,", StringComparison.Ordinal));
        Assert.Contains("properties not judged: all: they look at whole observations", lines);
        Assert.Equal($"repeat: foliocheck check --system \"exec:{example.Path}\" --seed 1 --machine default --cases 200", lines[^1]);
    }

    [NeedsProgramFact(Programs.Compiler)]
    public void Its_bug_is_caught_shrunk_saved_and_replayed()
    {
        string buggy = $"exec:{example.Path} --bug";
        (int code, string[] lines) = Run("check", "--no-canary", "--system", buggy, "--cases", "200", "--save", _folder, "--limit", "60s");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(lines, line => line.StartsWith("--> ", StringComparison.Ordinal) && line.Contains("mprotect", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  where    process ", StringComparison.Ordinal) && line.EndsWith(": bits", StringComparison.Ordinal));
        string saved = Assert.Single(Directory.GetFiles(_folder));
        Scenario scenario = ScenarioText.Read(saved, File.ReadLines(saved)).Scenario;
        Assert.InRange(scenario.Operations.Count, 3, 6);
        Assert.Equal(ExitCode.Failed, Run("replay", "--system", buggy, saved).Code);
        Assert.Equal(ExitCode.Held, Run("replay", "--system", $"exec:{example.Path}", saved).Code);
    }

    [NeedsProgramFact(Programs.Compiler)]
    public void A_scenario_that_asks_for_more_is_inconclusive()
    {
        string path = Path.Combine(_folder, "more.scenario");
        File.WriteAllText(path, "foliocheck-scenario 1\nmachine table=8 contpte=4 frames=64 batches=kernel\nthp global=madvise\n0 mlock(0x0, 4)\n");
        Assert.Equal(ExitCode.Inconclusive, Run("replay", "--system", $"exec:{example.Path}", path).Code);
    }
}
