using System.Text;

namespace FsCheck.Xunit;

/// <summary>The text of a failure: the smallest case first, then how to repeat it, and the case it was shrunk from last.</summary>
internal static class FailureText
{
    private const int OriginalLines = 20;

    internal static string OfFalsified(TestResult.Failed failed)
    {
        var data = failed.Item1;
        var (originalArguments, shrunkArguments) = (failed.Item2, failed.Item3);
        var (runSeed, caseSeed, caseSize) = (failed.Item5, failed.Item6, failed.Item7);
        var shrunk = data.NumberOfShrinks > 0;

        var text = new StringBuilder()
            .AppendLine($"Falsifiable, after {Count(data.NumberOfTests, "test")} ({Count(data.NumberOfShrinks, "shrink")}).")
            .AppendLine(shrunk ? "Shrunk:" : "Original (no smaller case fails):")
            .AppendLine(global::FsCheck.Runner.argumentsToString(shrunkArguments));
        foreach (var label in data.Labels)
        {
            text.AppendLine($"Label: {label}");
        }

        text.AppendLine($"Replay this case: {ReplayText.Of(caseSeed, caseSize)}")
            .AppendLine(RunLine(runSeed));
        return shrunk
            ? text.AppendLine("Original:").Append(FirstLines(global::FsCheck.Runner.argumentsToString(originalArguments))).ToString()
            : text.ToString();
    }

    internal static string OfExhausted(TestResult exhausted, Replay replay) =>
        global::FsCheck.Runner.onFinishedToString("", exhausted) + RunLine(replay);

    internal static string OfBroken(int testsDone, Replay replay) =>
        $"The run broke off after {Count(testsDone, "test")}, outside the property: in a generator, a shrinker or the set-up."
        + Environment.NewLine + RunLine(replay);

    private static string RunLine(Rnd seed) => $"Replay the whole run: {ReplayText.Of(seed)}";

    private static string RunLine(Replay replay) => $"Replay: {ReplayText.Of(replay)}";

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    private static string FirstLines(string text)
    {
        var lines = text.TrimEnd().Split('\n');
        return lines.Length <= OriginalLines
            ? text
            : string.Join('\n', lines[..OriginalLines]) + Environment.NewLine
                + $"... ({Count(lines.Length - OriginalLines, "more line")})" + Environment.NewLine;
    }
}
