using Xunit;
using Failing = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.Failing;
using Holding = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.Holding;
using Unrun = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.Unrun;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

public sealed class PropertyOutcomeTests
{
    private const string FailedException = "FsCheck.Xunit.PropertyFailedException";

    [Theory]
    [InlineData(nameof(Holding.ReturnsNothing), 100)]
    [InlineData(nameof(Holding.ReturnsBool), 100)]
    [InlineData(nameof(Holding.ReturnsTask), 100)]
    [InlineData(nameof(Holding.ReturnsTaskOfBool), 100)]
    [InlineData(nameof(Holding.ReturnsProperty), 100)]
    [InlineData(nameof(Holding.SevenCases), 7)]
    public async Task AHoldingPropertyIsCalledOnceForEachCase(string method, int cases)
    {
        var run = await SampleRun.Of<Holding>(method);

        Assert.Equal(SampleOutcome.Passed, run.Outcome);
        Assert.Equal(cases, run.Output.Split("called ").Length - 1);
        Assert.Contains($"Ok, passed {cases} tests", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(Failing.ReturnsNothing))]
    [InlineData(nameof(Failing.ReturnsBool))]
    [InlineData(nameof(Failing.ReturnsTask))]
    [InlineData(nameof(Failing.ReturnsTaskOfBool))]
    [InlineData(nameof(Failing.ReturnsProperty))]
    public async Task AFailingPropertyIsShrunkToTheSmallestCase(string method)
    {
        var run = await SampleRun.Of<Failing>(method);

        Assert.Equal(SampleOutcome.Failed, run.Outcome);
        Assert.Equal(FailedException, run.ExceptionType);
        Assert.StartsWith("Falsifiable, after ", run.Message, StringComparison.Ordinal);
        Assert.Contains($"{Environment.NewLine}5{Environment.NewLine}", run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatThePropertyThrewIsPartOfTheFailure()
    {
        var run = await SampleRun.Of<Failing>(nameof(Failing.ReturnsNothing));

        Assert.Contains("n must be less than five", run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLabelIsPartOfTheFailure()
    {
        var run = await SampleRun.Of<Failing>(nameof(Failing.ReturnsProperty));

        Assert.Contains("Label: below five", run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APropertyWithoutAcceptedCasesFails()
    {
        var run = await SampleRun.Of<Failing>(nameof(Failing.Exhausted));

        Assert.Equal(SampleOutcome.Failed, run.Outcome);
        Assert.Equal(FailedException, run.ExceptionType);
        Assert.StartsWith("Arguments exhausted after 0 tests", run.Message, StringComparison.Ordinal);
        Assert.Matches(@"Replay: \d+,\d+", run.Message);
    }

    [Fact]
    public async Task ABrokenGeneratorFailsAndSaysHowToRepeatIt()
    {
        var run = await SampleRun.Of<Failing>(nameof(Failing.InGenerator));

        Assert.Equal(SampleOutcome.Failed, run.Outcome);
        Assert.Matches(@"Replay: \d+,\d+", run.Message);
        Assert.Contains("the generator broke", run.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(Failing.BadReplay), "Replay must be \"seed,gamma\" or \"seed,gamma,size\", but is \"not a seed\".")]
    [InlineData(nameof(Failing.NoCases), "MaxTest")]
    [InlineData(nameof(Failing.AsyncVoid), "A property must not be async void")]
    [InlineData(nameof(Failing.TooSlow), "Test execution timed out after 50 milliseconds")]
    public async Task WhatCannotBeRunAsAskedFails(string method, string reason)
    {
        var run = await SampleRun.Of<Failing>(method);

        Assert.Equal(SampleOutcome.Failed, run.Outcome);
        Assert.Contains(reason, run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASkippedPropertyIsNotRun()
    {
        var run = await SampleRun.Of<Unrun>(nameof(Unrun.Skipped));

        Assert.Equal(SampleOutcome.Skipped, run.Outcome);
        Assert.Equal("not today", run.Message);
    }
}
