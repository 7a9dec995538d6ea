using System.Text.RegularExpressions;
using Xunit;
using Failing = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.Failing;
using Talking = FolioCheck.Properties.Tests.FsCheckXunit.PropertySamples.Talking;

namespace FolioCheck.Properties.Tests.FsCheckXunit;

public sealed partial class PropertyReplayTests
{
    [Fact]
    public async Task TheShrunkCaseComesBeforeTheReplayAndTheOriginalLast()
    {
        var message = (await SampleRun.Of<Failing>(nameof(Failing.ManyLines))).Message;

        var order = new[] { "Shrunk:", "line 2", "Replay this case: ", "Replay the whole run: ", "Original:" };
        var positions = order.Select(part => message.IndexOf(part, StringComparison.Ordinal)).ToArray();
        Assert.DoesNotContain(-1, positions);
        Assert.Equal(positions.Order(), positions);
    }

    [Fact]
    public async Task OnlyTheFirstLinesOfTheOriginalAreShown()
    {
        var message = (await SampleRun.Of<Failing>(nameof(Failing.ManyLines))).Message;

        var original = message[message.IndexOf("Original:", StringComparison.Ordinal)..];
        Assert.Contains("line 19", original, StringComparison.Ordinal);
        Assert.DoesNotContain("line 20", original, StringComparison.Ordinal);
        Assert.Matches(@"\.\.\. \(\d+ more lines\)", original);
    }

    [Fact]
    public async Task TheReplayIsShownWhenTheFirstCaseFails()
    {
        var message = (await SampleRun.Of<Failing>(nameof(Failing.AtOnce))).Message;

        Assert.StartsWith("Falsifiable, after 1 test (0 shrinks).", message, StringComparison.Ordinal);
        Assert.Matches(CaseReplay(), message);
        Assert.Matches(RunReplay(), message);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData(" ({0}) ")]
    public async Task TheRunReplayRepeatsTheWholeRun(string form)
    {
        var first = (await SampleReplayAttribute.Run<Failing>(nameof(Failing.Replayable), replay: null)).Message;
        var replay = string.Format(null, form, RunReplay().Match(first).Groups[1].Value);

        var second = (await SampleReplayAttribute.Run<Failing>(nameof(Failing.Replayable), replay)).Message;

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task TheCaseReplayRunsTheOneCase()
    {
        var first = (await SampleReplayAttribute.Run<Failing>(nameof(Failing.Replayable), replay: null)).Message;
        var replay = CaseReplay().Match(first).Groups[1].Value;

        var second = (await SampleReplayAttribute.Run<Failing>(nameof(Failing.Replayable), replay)).Message;

        Assert.StartsWith("Falsifiable, after 1 test ", second, StringComparison.Ordinal);
        Assert.Equal(AfterFirstLine(first, upTo: "Replay the whole run"), AfterFirstLine(second, upTo: "Replay the whole run"));
        Assert.Equal(replay, CaseReplay().Match(second).Groups[1].Value);
    }

    [Theory]
    [InlineData(nameof(Talking.Verbose))]
    [InlineData(nameof(Talking.Quiet))]
    public async Task TheSeedIsTheFirstLineOfTheOutput(string method)
    {
        var output = (await SampleRun.Of<Talking>(method)).Output;

        Assert.Matches(@"\AReplay: \d+,\d+\r?\n", output);
    }

    [Fact]
    public async Task TheSeedInTheOutputIsTheSeedOfTheRun()
    {
        const string Replay = "17,4294967295,12";

        var run = await SampleReplayAttribute.Run<Failing>(nameof(Failing.Replayable), Replay);

        Assert.StartsWith($"Replay: {Replay}{Environment.NewLine}", run.Output, StringComparison.Ordinal);
    }

    private static string AfterFirstLine(string text, string upTo) =>
        text[text.IndexOf('\n', StringComparison.Ordinal)..text.IndexOf(upTo, StringComparison.Ordinal)];

    [GeneratedRegex(@"^Replay this case: (\d+,\d+,\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex CaseReplay();

    [GeneratedRegex(@"^Replay the whole run: (\d+,\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex RunReplay();
}
