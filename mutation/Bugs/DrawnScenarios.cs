using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>The scenarios of a seed and some settings, each drawn once for all who ask.</summary>
/// <param name="seed">The seed.</param>
/// <param name="settings">What their machines have.</param>
internal sealed class DrawnScenarios(ulong seed, MachineSettings settings)
{
    private readonly Lock _lock = new();
    private readonly List<Scenario> _drawn = [];

    /// <summary>The first scenarios, of which the last is cut off, with the operations before each.</summary>
    /// <param name="operations">Operations of all of them.</param>
    public IEnumerable<(long Before, Scenario Scenario)> Of(long operations)
    {
        long before = 0;
        for (int number = 0; before < operations; number++)
        {
            Scenario scenario = Get(number);
            long left = operations - before;
            if (scenario.Operations.Count > left)
                scenario = scenario with { Operations = [.. scenario.Operations.Take((int)left)] };
            yield return (before, scenario);
            before += scenario.Operations.Count;
        }
    }

    private Scenario Get(int number)
    {
        lock (_lock)
        {
            while (_drawn.Count <= number)
                _drawn.Add(BugHunt.Draw(seed, _drawn.Count, settings));
            return _drawn[number];
        }
    }
}
