using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Finds, for each feature, a short scenario whose last operation shows it while none before does: what it is, and what it only nearly is.</summary>
public static class FeatureExamples
{
    private const int ShrinkRuns = 3000;

    /// <summary>Searches until each feature was met or the cases are done.</summary>
    /// <param name="options">Seed, machines and most cases.</param>
    /// <returns>Each feature that was met, with its scenario.</returns>
    public static IEnumerable<(StateFeature Feature, Scenario Scenario)> Find(CampaignOptions options)
    {
        var guide = new Guide(options.Machines, OperationSubset.All);
        var source = new CaseSource(options, OperationSubset.All, guide);
        var tally = new FeatureTally();
        var run = new ReferenceRun(tally);
        var found = new bool[FeatureCatalogue.All.Count];
        long cases = 0;
        for (long block = 0; cases < options.Target && found.Contains(false); block++)
        {
            foreach (Scenario scenario in source.Draw(block, CaseSource.BlockCases))
            {
                run.Do(scenario);
                cases++;
                guide.Learn(scenario, tally.FirstSteps);
                foreach (int feature in Enumerable.Range(0, found.Length).Where(i => !found[i] && tally.FirstSteps[i] >= 0).ToList())
                {
                    found[feature] = true;
                    yield return (FeatureCatalogue.All[feature], Shorten(scenario, feature, tally.FirstSteps[feature]));
                }
            }
            guide.EndBlock();
        }
    }

    /// <summary>The scenario as a file: the feature as a comment, and the picture after its last operation.</summary>
    public static string Write(StateFeature feature, Scenario scenario)
    {
        IMemorySystem reference = ReferenceMemory.Create(scenario.Machine);
        foreach (Operation operation in scenario.Operations)
            reference.Apply(operation);
        var state = new MemoryState();
        state.Load(reference);
        return ScenarioText.Write(scenario, "feature: " + feature.Name, feature.Description) + "| " + Picture.Line(state) + "\n";
    }

    /// <summary>The step at which a scenario shows a feature first; -1 if it does not.</summary>
    public static int FirstStep(Scenario scenario, int feature)
    {
        var tally = new FeatureTally();
        new ReferenceRun(tally).Do(scenario);
        return tally.FirstSteps[feature];
    }

    private static Scenario Shorten(Scenario scenario, int feature, int step)
    {
        Scenario cut = scenario with { Operations = [.. scenario.Operations.Take(step + 1)] };
        Failure? Look(Scenario candidate)
        {
            int first = FirstStep(candidate, feature);
            return first < 0 ? null : new Failure(FeatureCatalogue.All[feature].Name, "", first, candidate.Operations[first], "", "", "");
        }

        Scenario shrunk = Shrinker.Shrink(cut, Look(cut)!, Look, ShrinkRuns);
        return shrunk with { Operations = [.. shrunk.Operations.Take(FirstStep(shrunk, feature) + 1)] };
    }
}
