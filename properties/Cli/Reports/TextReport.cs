using System.Globalization;
using System.Text;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary>A scenario step by step for a terminal: each operation with its outcome, and the picture after it; lines that changed have an asterisk.</summary>
public static class TextReport
{
    private const int MostFolios = 26;

    /// <summary>Writes a story.</summary>
    public static string Write(Story story)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{story.Name}\n{MachineText.Line(story.Scenario.Machine)}\n{ScenarioText.ThpLine(story.Scenario.Machine.Thp)}\n");
        foreach (string note in story.Notes)
            text.Append(note).Append('\n');
        string[] before = [];
        for (int i = 1; i < story.Steps.Count; i++)
            before = WriteStep(text, story, i, before);
        if (story.Failure is Failure failure)
            WriteFailure(text, failure);
        foreach (Operation operation in story.Scenario.Operations.Skip(story.Steps.Count - 1))
            text.Append(CultureInfo.InvariantCulture, $"not reached: {OperationText.Line(operation)}\n");
        text.Append("\na letter is a folio, upper case writable, 0 the zero page, ! write-protected by userfaultfd, # a guard marker, - no rights, . nothing, <> mapped by a PMD, () a folded block; * changed\n");
        return text.Append(CultureInfo.InvariantCulture, $"repeat: {story.Command}\n").ToString();
    }

    private static string[] WriteStep(StringBuilder text, Story story, int number, string[] before)
    {
        StoryStep step = story.Steps[number];
        bool fails = story.Failure is Failure failure && failure.Step + 1 == number;
        string outcome = step.FoundOutcome is string found ? $"{found}, expected {step.Outcome}" : step.Outcome;
        text.Append(CultureInfo.InvariantCulture, $"\n{(fails ? "--> " : "")}step {number} of {story.Scenario.Operations.Count}: {OperationText.Line(step.Operation!.Value)} = {outcome}\n");
        string[] expected = Lines(step.Expected);
        if (step.Found is null)
        {
            Append(text, expected, before);
            return expected;
        }
        text.Append("  expected\n");
        Append(text, expected, before);
        text.Append("  found\n");
        string[] shown = Lines(step.Found);
        Append(text, shown, before);
        return shown;
    }

    private static string[] Lines(MemoryState state) =>
        [.. Picture.Lines(state), .. state.Folios.Take(MostFolios).Select(folio => Picture.Folio(state, folio.State.Id)), Picture.Queue(state)];

    private static void Append(StringBuilder text, string[] lines, string[] before)
    {
        foreach (string line in lines)
            text.Append(before.Contains(line, StringComparer.Ordinal) ? "    " : "  * ").Append(line).Append('\n');
    }

    private static void WriteFailure(StringBuilder text, Failure failure)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n  check    {failure.Check}\n  where    {failure.Path}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {(failure.Found.Length == 0 ? "wrong   " : "expected")} {failure.Expected}\n");
        if (failure.Found.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"  found    {failure.Found}\n");
    }
}
