using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>How the replay of a scenario file ended.</summary>
/// <param name="Operations">Operations done.</param>
/// <param name="Expectations">Outcomes and pictures of the file that were checked.</param>
/// <param name="Line">1-based line that did not hold; 0 if all held.</param>
/// <param name="Wrong">What did not hold, in words; null if all held.</param>
public sealed record ScenarioReplayResult(int Operations, int Expectations, int Line, string? Wrong);

/// <summary>
/// Does the operations of a scenario file on one system and holds the outcomes and pictures in the file against it. A picture line is one of
/// <c>| 0: AAAA....  1: aaaa....</c> (<see cref="Picture.Line"/>), <c>| a: order 4 refs 16 ...</c> (<see cref="Picture.Folio"/>),
/// <c>| order 4: split_deferred 1 ...</c> (<see cref="Picture.Statistics"/>) or <c>| queue: a b</c> (<see cref="Picture.Queue"/>).
/// </summary>
public static class ScenarioReplay
{
    /// <summary>Replays a file on one system.</summary>
    public static ScenarioReplayResult Run(ScenarioFile file, MemorySystemFactory factory)
    {
        IMemorySystem system = factory(file.Scenario.Machine);
        var state = new MemoryState { ContPteEntries = file.Scenario.Machine.ContPteEntries };
        int operations = 0;
        int expectations = 0;
        foreach (ScenarioStep step in file.Steps)
        {
            string? wrong = null;
            if (step.Operation is Operation operation)
            {
                operations++;
                string outcome = system.Apply(operation).ToString();
                if (step.ExpectedOutcome is string expected)
                {
                    expectations++;
                    if (outcome != expected)
                        wrong = $"{OperationText.Line(operation)}: expected {expected}, found {outcome}";
                }
            }
            else if (step.Picture is string picture)
            {
                expectations++;
                state.Load(system);
                string found = Draw(state, picture);
                if (found != picture)
                    wrong = $"expected  {picture}\n   found  {found}";
            }
            if (wrong is not null)
                return new ScenarioReplayResult(operations, expectations, step.Line, wrong);
        }
        return new ScenarioReplayResult(operations, expectations, 0, null);
    }

    /// <summary>Draws of the state what the picture shows.</summary>
    private static string Draw(MemoryState state, string picture)
    {
        int colon = picture.IndexOf(':');
        string subject = colon < 0 ? picture : picture[..colon];
        if (subject == "queue")
            return Picture.Queue(state);
        if (subject.StartsWith("order ", StringComparison.Ordinal) && int.TryParse(subject.AsSpan(6), CultureInfo.InvariantCulture, out int order))
            return Picture.Statistics(state, order);
        if (subject.Length == 1 && subject[0] is >= 'a' and <= 'z')
            return subject[0] - 'a' < state.Folios.Count ? Picture.Folio(state, subject[0] - 'a') : $"{subject}: no such folio";
        return Picture.Line(state);
    }
}
