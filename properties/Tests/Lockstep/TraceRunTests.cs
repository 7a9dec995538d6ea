using System.Globalization;
using FolioCheck.Cli;
using FolioCheck.Properties.Tests.Cli;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Lockstep;

/// <summary>A difference in micro-steps alone is found, shrunk, saved and replayed like any other.</summary>
public sealed class TraceRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly Scenario _example = new(
        new Machine { EntriesPerTable = 8, ContPteEntries = 4, Frames = 64 }, [Operation.Mmap(0, 0, 4), Operation.Write(0, 1, 5), Operation.Munmap(0, 0, 4)]);

    [Fact]
    public void Says_which_step_of_which_operation_differs()
    {
        var run = new TraceRun(MislaidSteps.In(EventKind.Flushed).CreateTraced!, Catalogue.All);
        Failure failure = run.Run(_example)!;
        Assert.Equal((TraceRun.MicroSteps, "Flushed", 2, OperationKind.Munmap), (failure.Check, failure.Field, failure.Step, failure.Operation.Kind));
        Assert.StartsWith("micro-step ", failure.Path, StringComparison.Ordinal);
        Assert.Contains("Kind = Flushed", failure.Expected, StringComparison.Ordinal);
        Assert.DoesNotContain("Kind = Flushed", failure.Found, StringComparison.Ordinal);
        Assert.True(TraceRun.Finds(failure));
    }

    [Fact]
    public void Steps_that_are_missing_at_the_end_are_missed()
    {
        Scenario faults = _example with { Operations = [.. _example.Operations.Take(2)] };
        var run = new TraceRun(MislaidSteps.In(EventKind.PteWritten).CreateTraced!, []);
        Failure failure = run.Run(faults)!;
        Assert.Equal(1, failure.Step);
        Assert.Equal("none", failure.Found);
    }

    /// <summary>Where both mislay the same steps, only a property can notice.</summary>
    [Fact]
    public void Event_properties_are_checked_and_their_premises_counted()
    {
        ObservedMemorySystemFactory both = MislaidSteps.In(EventKind.MapcountUp).CreateTraced!;
        var broken = new TraceRun(both, Catalogue.All, both);
        Failure failure = broken.Run(_example)!;
        Assert.Equal(Catalogue.Get(67).Title, failure.Check);
        Assert.True(TraceRun.Finds(failure));
        var sound = new TraceRun(ReferenceMemory.Create, Catalogue.All);
        Assert.Null(sound.Run(_example));
        Assert.Equal(Catalogue.All.OfType<EventProperty>(), sound.Premises.Keys);
        Assert.True(sound.Premises[(EventProperty)Catalogue.Get(68)].Held > 0);
    }

    [Fact]
    public void A_system_that_throws_fails()
    {
        var run = new TraceRun((_, _) => throw new InvalidOperationException("no"), []);
        Assert.Equal((TraceRun.MicroSteps, "exception InvalidOperationException"), (run.Run(_example)!.Check, run.Run(_example)!.Field));
    }

    [Fact]
    public void Only_lockstep_of_micro_steps_sees_it()
    {
        Assert.Null(new LockstepRun(MislaidSteps.In(EventKind.Flushed).Create, Catalogue.All).Run(_example));
        Assert.Null(new Campaign(MislaidSteps.In(EventKind.Flushed).Create).RunWithEveryLaw(_example));
        Assert.Equal(TraceRun.MicroSteps, new Campaign(MislaidSteps.In(EventKind.Flushed)).RunWithEveryLaw(_example)?.Check);
        Assert.Equal(TraceRun.MicroSteps, new Campaign(MislaidSteps.In(EventKind.Flushed)).RunWithoutLaws(_example)?.Check);
    }

    [Fact]
    public void A_run_traces_one_case_in_ten_and_counts_premises()
    {
        (int code, string output) = CheckRun.Of(new SystemUnderTest(ReferenceMemory.Create) { CreateTraced = ReferenceMemory.Create }, 100, _folder);
        Assert.Equal(ExitCode.Held, code);
        string[] lines = output.Split('\n');
        Assert.Contains("cases traced: 10", lines);
        string row = Assert.Single(lines, line => line.StartsWith("property 67, ", StringComparison.Ordinal));
        Assert.True(long.Parse(row.Split(' ')[^1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture) > 100, row);
    }

    [Fact]
    public void A_system_that_tells_no_steps_is_not_judged_by_them()
    {
        (_, string output) = CheckRun.Of(new SystemUnderTest(ReferenceMemory.Create), 20, _folder);
        Assert.Contains("cases traced: 0", output.Split('\n'));
        Assert.DoesNotContain("property 67, ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_is_shrunk_saved_and_replayed()
    {
        SystemUnderTest system = MislaidSteps.In(EventKind.PteWriteProtected);
        (int code, string output) = CheckRun.Of(system, 100, _folder);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("  check    micro-steps", output, StringComparison.Ordinal);
        string saved = Assert.Single(Directory.GetFiles(_folder, "micro-steps-*.scenario"));
        Scenario scenario = ScenarioText.Read(saved, File.ReadLines(saved)).Scenario;
        Assert.InRange(scenario.Operations.Count, 1, 4);
        using var replayed = new StringWriter();
        Assert.Equal(ExitCode.Failed, SystemReplayCommand.Run([saved], system, replayed, TextWriter.Null));
        Assert.Contains("micro-steps: ", replayed.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Held, SystemReplayCommand.Run([saved], new SystemUnderTest(ReferenceMemory.Create) { CreateTraced = ReferenceMemory.Create }, replayed, TextWriter.Null));
    }
}
