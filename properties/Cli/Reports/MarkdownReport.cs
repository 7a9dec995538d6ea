using System.Globalization;
using System.Text;

namespace FolioCheck.Cli;

/// <summary>A run as Markdown, for a pull request: the verdict, what failed, and how often each property had something to say.</summary>
internal static class MarkdownReport
{
    /// <summary>Writes a run.</summary>
    public static string Write(CheckSummary summary)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## FolioCheck: {Verdict(summary.Code)}\n\n");
        Code(text, summary.Command);
        if (summary.Failure is ReportedFailure failure)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nFailed: {Cell(failure.Failure.Summary)}\n\n");
            Code(text, failure.Text);
        }
        foreach (CheckVerdict wrong in summary.Verdicts.Where(verdict => verdict.Wrong is not null && verdict.Group is "canary" or "corpus" or "coverage"))
        {
            if (wrong.Wrong is not null)
                text.Append(CultureInfo.InvariantCulture, $"\n{(wrong.Group == "corpus" ? $"Still failing, `{wrong.Name}`" : "Coverage")}: {Cell(wrong.Wrong)}\n");
        }
        text.Append("\n| counted | |\n|---|---|\n");
        foreach ((string name, string value) in summary.Rows.Numbers())
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(name)} | {value} |\n");
        text.Append("\n<details><summary>What was checked</summary>\n\n| check | verdict | premise held |\n|---|---|---|\n");
        foreach (CheckVerdict verdict in summary.Verdicts)
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(verdict.Name)} | {Cell(Word(verdict))} | {verdict.Premise} |\n");
        return text.Append("\n</details>\n").ToString();
    }

    private static string Verdict(int code) => code switch
    {
        ExitCode.Held => "held",
        ExitCode.Failed => "failed",
        _ => "inconclusive",
    };

    private static string Word(CheckVerdict verdict) => verdict switch
    {
        { Wrong: not null } => "**failed**",
        { NotJudged: string reason } => "not judged: " + reason,
        _ => "held",
    };

    /// <summary>A block of code, fenced by more back-quotes than it holds in a row.</summary>
    private static void Code(StringBuilder text, string code)
    {
        string fence = "```";
        while (code.Contains(fence, StringComparison.Ordinal))
            fence += "`";
        text.Append(fence).Append('\n').Append(code.TrimEnd('\n')).Append('\n').Append(fence).Append('\n');
    }

    private static string Cell(string text) =>
        text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
