using System.Diagnostics;
using System.Globalization;
using FolioCheck.Cli;
using FolioCheck.Implementation;
using FolioCheck.Vocabulary;
using Xunit;
using static FolioCheck.Properties.Tests.Cli.CommandRun;
using CorpusFolder = FolioCheck.Cli.Corpus;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>The folder of failing scenarios: replayed first, one file a finding, never half a file.</summary>
public sealed class CorpusTests : IDisposable
{
    private const string Head = "foliocheck-scenario 1\nmachine table=8 contpte=4 frames=64 batches=kernel quirks=none\nthp global=madvise\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Corpus => Path.Combine(_folder, "corpus");

    private (int Code, string Output) Check(SystemUnderTest system, long cases = 30) =>
        CheckRun.Of(system, cases, Corpus, options => options with { Corpus = CorpusFolder.Open(Corpus) });

    private static SystemUnderTest Sound => new(OptimizedMemory.Create);

    private static SavedFailure Saved(string check, string field, int operations, string system = "implementation")
    {
        Operation last = Operation.Exit(0);
        var scenario = new Scenario(new Machine { EntriesPerTable = 8 }, [.. Enumerable.Repeat(Operation.Read(0, 1), operations - 1), last]);
        var failure = new Failure(check, field, operations - 1, last, "here", "1", "2");
        return new SavedFailure(FailureKind.Of(system, failure), scenario, failure, 7, "foliocheck check --seed 7");
    }

    [Fact]
    public void A_failure_is_saved_replayed_first_and_stays_when_it_is_mended()
    {
        (int code, string output) = Check(BrokenMemory.In(OperationKind.Mprotect));
        Assert.Equal(ExitCode.Failed, code);
        string saved = Assert.Single(Directory.GetFiles(Corpus));
        Assert.StartsWith("lockstep-outcome-", Path.GetFileName(saved), StringComparison.Ordinal);
        Assert.Contains($"saved: {saved}\nreplay: foliocheck replay {saved}\n", output, StringComparison.Ordinal);

        // The same bug again: known before anything is drawn, and not saved twice.
        (code, output) = Check(BrokenMemory.In(OperationKind.Mprotect));
        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith($"still failing: {saved}: lockstep: outcome: expected ok, found ENOENT", output.Split('\n')[1], StringComparison.Ordinal);
        Assert.Contains("known: " + saved, output, StringComparison.Ordinal);
        Assert.Equal([saved], Directory.GetFiles(Corpus));

        // Mended: the file stays and is replayed by every later run.
        (code, output) = Check(Sound);
        Assert.Equal(ExitCode.Held, code);
        Assert.Contains("\ncorpus replayed: 1\ncorpus still failing: 0\ncorpus held: 1\n", output, StringComparison.Ordinal);
        Assert.Equal([saved], Directory.GetFiles(Corpus));
    }

    [Fact]
    public void What_still_fails_fails_the_run_although_nothing_that_is_drawn_does()
    {
        // No machine that is drawn has the extension.
        Directory.CreateDirectory(Corpus);
        File.WriteAllText(Path.Combine(Corpus, "mine.scenario"), Head.Replace("quirks=none", "quirks=none extensions=access-detection", StringComparison.Ordinal) + "0 mmap(0x0, 4, rw)\n0 detect_access(0x0)\n");
        (int code, string output) = CheckRun.Of(BrokenMemory.In(OperationKind.DetectAccess), 1, Corpus, options => options with { Corpus = CorpusFolder.Open(Corpus) });
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("divergences: 0\n", output, StringComparison.Ordinal);
        Assert.Contains("corpus still failing: 1\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_law_that_a_saved_scenario_breaks_is_found_whichever_it_is()
    {
        Law[] laws = [.. Catalogue.All.OfType<Law>()];
        var campaign = new Campaign(machine => new ForgetsExit(machine));
        var scenario = new Scenario(new Machine { EntriesPerTable = 8 }, [Operation.Mmap(0, 0, 4), Operation.Write(0, 0, 1), Operation.Fork(0, 1)]);
        int[] broken = [.. Enumerable.Range(0, laws.Length).Where(law => campaign.RunCase(scenario, law) is not null)];
        Assert.NotEmpty(broken);
        Assert.Equal(laws[broken[0]].Title, campaign.RunWithEveryLaw(scenario)!.Check);
    }

    /// <summary>The command that is printed for a saved scenario shows the failure again, a law's too.</summary>
    [Fact]
    public void Replay_checks_laws()
    {
        string path = Path.Combine(_folder, "law.scenario");
        File.WriteAllText(path, Head + "0 mmap(0x0, 4, rw)\n0 write(0x0, 1)\n0 fork(1)\n");
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Failed, SystemReplayCommand.Run([path], new SystemUnderTest(machine => new ForgetsExit(machine)), output, TextWriter.Null));
        Assert.Contains("--> 0 fork(1)", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Held, SystemReplayCommand.Run([path], Sound, TextWriter.Null, TextWriter.Null));
    }

    [Fact]
    public void One_finding_is_one_file_and_the_shorter_scenario_wins()
    {
        KeptScenario first = CorpusFolder.Keep(Corpus, Saved("lockstep", "folio: references", 5));
        Assert.True(first.Written);
        Assert.False(CorpusFolder.Keep(Corpus, Saved("lockstep", "folio: references", 6)).Written);
        Assert.False(CorpusFolder.Keep(Corpus, Saved("lockstep", "folio: references", 5)).Written);
        Assert.Equal(first, CorpusFolder.Keep(Corpus, Saved("lockstep", "folio: references", 3)));
        Assert.Equal(3, Assert.Single(CorpusFolder.Open(Corpus).Entries).File.Scenario.Operations.Count);

        // Another field, another check and another system are other findings.
        CorpusFolder.Keep(Corpus, Saved("lockstep", "folio: mapcount", 9));
        CorpusFolder.Keep(Corpus, Saved(Catalogue.Get(14).Title, "", 9));
        CorpusFolder.Keep(Corpus, Saved("lockstep", "folio: references", 9, "exec:./mine"));
        Assert.Equal(4, CorpusFolder.Open(Corpus).Entries.Count);
    }

    [Fact]
    public void Names_are_the_same_everywhere_and_readable()
    {
        Assert.Equal("lockstep-folio-references-9c103525.scenario", Saved("lockstep", "folio: references", 2).Kind.FileName);
        string property = Saved(Catalogue.Get(14).Title, "", 2).Kind.FileName;
        Assert.StartsWith("property-14-exact-up-to-two-sharers-", property, StringComparison.Ordinal);
        string longest = Saved("lockstep", "exception " + new string('x', 500) + "/../..", 2).Kind.FileName;
        Assert.Matches("^[a-z0-9-]{1,80}\\.scenario$", longest);
    }

    [Fact]
    public void The_file_says_what_failed_and_how_it_was_found()
    {
        SavedFailure saved = Saved("lockstep", "folio: references", 3);
        Assert.All(
            new[] { "# check: lockstep\n", "# field: folio: references\n", "# step: 3, 0 exit()\n", "# system: implementation\n", "# seed: 7\n", "# found by: foliocheck check --seed 7\n", "# version: foliocheck " },
            line => Assert.Contains(line, saved.Text, StringComparison.Ordinal));
        Assert.Equal(saved.Scenario, ScenarioText.Read("x", saved.Text.Split('\n')).Scenario);
    }

    /// <summary>What a killed run leaves is half a temporary file: it is not read, it hides nothing, and the next run takes it away.</summary>
    [Fact]
    public void A_killed_write_loses_nothing()
    {
        KeptScenario kept = CorpusFolder.Keep(Corpus, Saved("lockstep", "folio: references", 5));
        string before = File.ReadAllText(kept.Path);
        using (Process killed = Process.Start("dotnet", "--version"))
        {
            killed.WaitForExit();
            File.WriteAllText($"{kept.Path}.{killed.Id.ToString(CultureInfo.InvariantCulture)}.tmp", "foliocheck-scen");
        }
        string writing = $"{kept.Path}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}.tmp";
        File.WriteAllText(writing, "of a process that lives");

        Assert.Equal(kept.Path, Assert.Single(CorpusFolder.Open(Corpus).Entries).Path);
        Assert.Equal(before, File.ReadAllText(kept.Path));
        Assert.Equal(new[] { kept.Path, writing }.Order(), Directory.GetFiles(Corpus).Order());
    }

    /// <summary>A folder that cannot be written, whoever runs the test: a file stands in its place.</summary>
    [Fact]
    public void A_finding_that_cannot_be_saved_is_reported_all_the_same()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        (int code, string output) = CheckRun.Of(BrokenMemory.In(OperationKind.Mprotect), 30, Path.Combine(file, "corpus"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(".scenario could not be written: ", output, StringComparison.Ordinal);
        Assert.Contains("\n--> ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_only_folder_is_replayed_and_says_that_it_cannot_be_added_to()
    {
        if (OperatingSystem.IsWindows())
            return;
        CorpusFolder.Keep(Corpus, Saved("lockstep", "folio: references", 5));
        UnixFileMode mode = File.GetUnixFileMode(Corpus);
        File.SetUnixFileMode(Corpus, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            (int code, string output) = Check(Sound);
            Assert.Equal(ExitCode.Held, code);
            Assert.Contains("corpus held: 1\n", output, StringComparison.Ordinal);
            Assert.Single(Directory.GetFiles(Corpus));
        }
        finally
        {
            File.SetUnixFileMode(Corpus, mode);
        }
    }

    [Theory]
    [InlineData("foliocheck-scenario 1\nmachine table=8\n0 dance()\n", ":3: unknown call 'dance'\n")]
    [InlineData("", ": the file is empty\n")]
    public void A_bad_file_is_65_and_nothing_is_run(string text, string reason)
    {
        Directory.CreateDirectory(Corpus);
        string path = Path.Combine(Corpus, "bad.scenario");
        File.WriteAllText(path, text);
        (int code, string output, string errors) = Run("check", "--no-canary", "--cases", "5", "--corpus", Corpus);
        Assert.Equal((ExitCode.BadInput, ""), (code, output));
        Assert.Equal(path + reason, errors);
    }

    [Fact]
    public void A_file_is_no_corpus_and_a_missing_folder_is_an_empty_one()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.Equal(ExitCode.BadInput, Run("check", "--cases", "5", "--corpus", file).Code);
        (int code, string output, _) = Run("check", "--no-canary", "--cases", "5", "--machine", "tiny", "--corpus", Corpus);
        Assert.Equal(ExitCode.Held, code);
        Assert.Contains("corpus replayed: 0\n", output, StringComparison.Ordinal);
        Assert.EndsWith($"repeat: foliocheck check --seed 1 --machine tiny --cases 5 --corpus {Corpus}\n", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Corpus));
    }

    /// <summary>A system whose processes never end: it agrees with the reference as long as a scenario lets none end.</summary>
    private sealed class ForgetsExit(Machine machine) : IMemorySystem
    {
        private readonly IMemorySystem _sound = OptimizedMemory.Create(machine);

        public Outcome Apply(in Operation operation) => operation.Kind == OperationKind.Exit ? Outcome.Ok : _sound.Apply(operation);

        public void Observe(Observation observation) => _sound.Observe(observation);
    }
}
