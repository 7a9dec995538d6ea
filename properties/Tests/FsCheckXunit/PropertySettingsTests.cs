using Xunit;
using Xunit.Sdk;
using Holding = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.Holding;
using Inner = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.Outer.Inner;
using Talking = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.Talking;
using WithLifetime = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.WithLifetime;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

public sealed class PropertySettingsTests
{
    [Fact]
    public async Task AClassIsMadeOnceInitializedAndDisposedInXunitsOrder()
    {
        var output = (await SampleRun.Of<WithLifetime>(nameof(WithLifetime.Property))).Output;

        var lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["constructed", "initialized", "Replay", "called", "called", "Ok, passed", "disposed asynchronously", "disposed"],
            lines.Select(line => line.StartsWith("called", StringComparison.Ordinal) ? "called"
                : line.StartsWith("Replay", StringComparison.Ordinal) ? "Replay"
                : line.StartsWith("Ok, passed 2 tests", StringComparison.Ordinal) ? "Ok, passed" : line));
    }

    [Fact]
    public async Task VerboseWritesTheArgumentsOfEachCase()
    {
        var output = (await SampleRun.Of<Talking>(nameof(Talking.Verbose))).Output;

        Assert.Matches(@"0:\r?\n-?\d+\r?\n[\s\S]*1:\r?\n-?\d+\r?\n[\s\S]*2:\r?\n-?\d+\r?\n", output);
    }

    [Fact]
    public async Task QuietLeavesOutTheClosingLine()
    {
        var run = await SampleRun.Of<Talking>(nameof(Talking.Quiet));

        Assert.Equal(SampleOutcome.Passed, run.Outcome);
        Assert.DoesNotContain("Ok, passed", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(Talking.Parallel), 20)]
    [InlineData(nameof(Talking.Static), 100)]
    public async Task ParallelAndStaticPropertiesRun(string method, int cases)
    {
        var run = await SampleRun.Of<Talking>(method);

        Assert.Equal(SampleOutcome.Passed, run.Outcome);
        Assert.Contains($"Ok, passed {cases} tests", run.Output, StringComparison.Ordinal);
    }

    /// <summary>xunit limits its threads with such a context; a run that blocked its only thread would never end.</summary>
    [Fact]
    public async Task AnAsynchronousPropertyEndsWhenXunitHasOneThread()
    {
        var oneThread = new MaxConcurrencySyncContext(1);
        var running = new TaskCompletionSource<Task<SampleRun>>();
        oneThread.Post(_ => running.SetResult(SampleRun.Of<Holding>(nameof(Holding.ReturnsTask))), null);

        var run = await (await running.Task).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(SampleOutcome.Passed, run.Outcome);
        oneThread.Dispose();
    }

    [Fact]
    public async Task WhatTheMethodLeavesUnsetComesFromTheClassesRoundIt()
    {
        var output = (await SampleRun.Of<Inner>(nameof(Inner.TakesDefaults))).Output;

        Assert.Equal(9, output.Split("called 7").Length - 1);
        Assert.DoesNotContain("Ok, passed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheMethodSetsWins()
    {
        var output = (await SampleRun.Of<Inner>(nameof(Inner.OverridesThem))).Output;

        Assert.Equal(4, output.Split("called 8").Length - 1);
        Assert.Contains("Ok, passed 4 tests", output, StringComparison.Ordinal);
    }
}
