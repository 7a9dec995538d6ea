using System.Globalization;
using System.Text;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>A failure as a person reads it: the scenario with a mark at the failing step, what differs, a picture before and after.</summary>
public static class FailureReport
{
    /// <summary>Writes a failure.</summary>
    /// <param name="scenario">The (shrunk) scenario.</param>
    /// <param name="failure">How it fails.</param>
    /// <param name="tested">The tested system, for the picture; null when it does not show enough for one.</param>
    public static string Write(Scenario scenario, Failure failure, MemorySystemFactory? tested)
    {
        var text = new StringBuilder();
        string[] lines = ScenarioText.Write(scenario with { Operations = [] }).TrimEnd('\n').Split('\n');
        foreach (string line in lines)
            text.Append("    ").Append(line).Append('\n');
        for (int i = 0; i < scenario.Operations.Count; i++)
        {
            text.Append(i == failure.Step ? "--> " : "    ").Append(OperationText.Line(scenario.Operations[i])).Append('\n');
        }
        text.Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"step {failure.Step + 1} of {scenario.Operations.Count}: {OperationText.Line(failure.Operation)}\n");
        text.Append(CultureInfo.InvariantCulture, $"  check    {failure.Check}\n");
        text.Append(CultureInfo.InvariantCulture, $"  where    {failure.Path}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {(failure.Found.Length == 0 ? "wrong   " : "expected")} {failure.Expected}\n");
        if (failure.Found.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"  found    {failure.Found}\n");
        text.Append('\n');
        Append(text, "before", Lines(scenario, failure.Step, tested ?? ReferenceMemory.Create));
        Append(text, "after, expected", Lines(scenario, failure.Step + 1, ReferenceMemory.Create));
        if (tested is not null)
            Append(text, "after, found", Lines(scenario, failure.Step + 1, tested));
        text.Append("a letter is a folio, upper case writable, 0 the zero page, ! write-protected by userfaultfd, # a guard marker, - no rights, . nothing, <> mapped by a PMD, () a folded block\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, string title, IEnumerable<string> lines)
    {
        text.Append(title).Append('\n');
        foreach (string line in lines)
            text.Append("  ").Append(line).Append('\n');
    }

    private static IEnumerable<string> Lines(Scenario scenario, int steps, MemorySystemFactory factory)
    {
        try
        {
            IMemorySystem system = factory(scenario.Machine);
            foreach (Operation operation in scenario.Operations.Take(steps))
                system.Apply(operation);
            var state = new MemoryState { ContPteEntries = scenario.Machine.ContPteEntries };
            state.Load(system);
            return [.. Picture.Lines(state), .. state.Folios.Take(26).Select(folio => Picture.Folio(state, folio.State.Id))];
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return [$"the system threw {exception.GetType().Name}: {exception.Message}"];
        }
    }
}
