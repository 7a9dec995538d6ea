using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>How long a search for all features took.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Cases">Cases until the last feature was met, or all that were allowed.</param>
/// <param name="Operations">Operations until then.</param>
/// <param name="Missing">Promised features that were never met.</param>
/// <param name="Latest">The features that were met last, the last one first, each with the cases until then.</param>
public sealed record FeatureSearchResult(ulong Seed, long Cases, long Operations, IReadOnlyList<string> Missing, IReadOnlyList<(string Feature, long Cases)> Latest);

/// <summary>
/// Draws cases as a campaign does, on the reference alone, until every promised feature was met: so it measures how well generation finds them.
/// </summary>
public static class FeatureSearch
{
    /// <summary>Searches.</summary>
    /// <param name="options">Seed, machines, most cases, and whether features steer.</param>
    public static FeatureSearchResult Run(CampaignOptions options)
    {
        var guide = new Guide(options.Machines, OperationSubset.All);
        var source = new CaseSource(options, OperationSubset.All, options.Guided ? guide : null);
        var tally = new FeatureTally();
        var run = new ReferenceRun(tally);
        var missing = new List<string>(Promised(options.Machines));
        var latest = new Stack<(string, long)>();
        long cases = 0;
        for (long block = 0; cases < options.Target; block++)
        {
            foreach (Scenario scenario in source.Draw(block, (int)Math.Min(CaseSource.BlockCases, options.Target - cases)))
            {
                run.Do(scenario);
                cases++;
                guide.Learn(scenario, tally.FirstSteps);
                missing.RemoveAll(name =>
                {
                    bool met = tally.Counts[FeatureCatalogue.IndexOf(name)] > 0;
                    if (met)
                        latest.Push((name, cases));
                    return met;
                });
                if (missing.Count == 0)
                    return new FeatureSearchResult(options.Seed, cases, run.Operations, [], [.. latest]);
            }
            guide.EndBlock();
        }
        return new FeatureSearchResult(options.Seed, cases, run.Operations, missing, [.. latest]);
    }

    private static IEnumerable<string> Promised(MachineChoice machines) =>
        FeatureCatalogue.All.Where(feature => feature.PromisedOn.Contains(machines)).Select(feature => feature.Name);
}

/// <summary>Does scenarios on the reference and looks for features.</summary>
internal sealed class ReferenceRun(FeatureTally tally)
{
    private MemoryState _before = new();
    private MemoryState _after = new();

    /// <summary>Operations done.</summary>
    public long Operations { get; private set; }

    /// <summary>Does one scenario.</summary>
    public void Do(Scenario scenario)
    {
        IMemorySystem reference = ReferenceMemory.Create(scenario.Machine);
        var context = new StepContext(scenario.Machine);
        tally.Begin();
        _before.Load(reference);
        for (int i = 0; i < scenario.Operations.Count; i++)
        {
            Operation operation = scenario.Operations[i];
            Outcome outcome = reference.Apply(operation);
            _after.Load(reference);
            Operations++;
            if (!_before.Observation.SameAs(_after.Observation))
                tally.Count(new Step(scenario.Machine, context.Thp, context.Failing, operation, outcome, _before, _after, []), i);
            context.Note(operation, outcome);
            (_before, _after) = (_after, _before);
        }
    }
}
