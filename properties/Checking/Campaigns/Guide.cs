namespace FolioCheck.Properties;

/// <summary>
/// Steers a campaign towards features that it seldom met. Every other case goes on from a scenario that came near: from the beginning of one that met the
/// feature, or met what the feature follows from; and it prefers the kinds of operation that bring the feature about. Once every feature was met in
/// some cases nothing is steered any more. What it knows changes between blocks only, in the order of the cases: so it does not depend on who ran them when.
/// </summary>
public sealed class Guide
{
    /// <summary>Cases in which a feature must have been met before nothing is done for it.</summary>
    private const int Enough = 4;

    /// <summary>Beginnings that are kept of each feature: the latest.</summary>
    private const int MostKept = 4;

    private readonly MachineChoice _machines;
    private readonly OperationSubset _allowed;
    private readonly long[] _met = new long[FeatureCatalogue.All.Count];
    private readonly List<Scenario>[] _kept = [.. FeatureCatalogue.All.Select(_ => new List<Scenario>())];
    private List<int> _wanted = [];

    /// <summary>A guide that knows nothing yet.</summary>
    /// <param name="machines">The machines of the campaign.</param>
    /// <param name="allowed">What may be drawn.</param>
    public Guide(MachineChoice machines, OperationSubset allowed)
    {
        _machines = machines;
        _allowed = allowed;
        WantSeldomMet();
    }

    /// <summary>Cases in which each feature was met, in the order of <see cref="FeatureCatalogue.All"/>.</summary>
    public ReadOnlySpan<long> Met => _met;

    /// <summary>Beginnings that are kept of each feature.</summary>
    public IReadOnlyList<IReadOnlyList<Scenario>> Kept => _kept;

    /// <summary>The case to run instead of the one that was drawn; mostly that one itself.</summary>
    public Scenario Steer(ulong seed, long number, Scenario drawn)
    {
        if (_wanted.Count == 0 || number % 2 == 0)
            return drawn;
        var choices = new RandomChoices(unchecked((seed * 0xD1342543DE82EF95UL) ^ ((ulong)number * 0x9E3779B97F4A7C15UL)));
        int wanted = _wanted[choices.Choose(_wanted.Count)];
        StateFeature feature = FeatureCatalogue.All[wanted];
        Scenario beginning = Beginning(choices, wanted, feature) ?? FirstHalf(drawn);
        return ScenarioGenerator.Extend(choices, beginning, 6 + choices.Choose(30), operation => _allowed.Includes(operation), feature.Favoured);
    }

    /// <summary>Takes note of what a case met.</summary>
    /// <param name="scenario">The case.</param>
    /// <param name="firstSteps">The step at which it met each feature first; -1 where it did not.</param>
    public void Learn(Scenario scenario, ReadOnlySpan<int> firstSteps)
    {
        for (int i = 0; i < firstSteps.Length; i++)
        {
            if (firstSteps[i] < 0)
                continue;
            _met[i]++;
            if (IsNeeded(i))
                Keep(i, scenario with { Operations = [.. scenario.Operations.Take(firstSteps[i] + 1)] });
        }
    }

    /// <summary>A block ended: what was met seldom is looked at anew.</summary>
    public void EndBlock()
    {
        WantSeldomMet();
        for (int i = 0; i < _kept.Length; i++)
        {
            if (!IsNeeded(i))
                _kept[i].Clear();
        }
    }

    /// <summary>Puts back what was known when a campaign stopped.</summary>
    internal void Restore(int feature, long met, IEnumerable<Scenario> kept)
    {
        _met[feature] = met;
        _kept[feature].AddRange(kept);
    }

    private void WantSeldomMet() => _wanted = [.. Enumerable.Range(0, _met.Length).Where(i => _met[i] < Enough && FeatureCatalogue.All[i].PromisedOn.Contains(_machines))];

    private bool IsNeeded(int feature) =>
        _wanted.Contains(feature) || _wanted.Exists(wanted => FeatureCatalogue.All[wanted].FollowsFrom == FeatureCatalogue.All[feature].Name);

    private void Keep(int feature, Scenario beginning)
    {
        List<Scenario> kept = _kept[feature];
        if (kept.Count == MostKept)
            kept.RemoveAt(0);
        kept.Add(beginning);
    }

    private Scenario? Beginning(RandomChoices choices, int wanted, StateFeature feature)
    {
        List<Scenario> near = _kept[wanted];
        if (near.Count == 0 && feature.FollowsFrom is string name)
            near = _kept[FeatureCatalogue.IndexOf(name)];
        return near.Count == 0 ? null : near[choices.Choose(near.Count)];
    }

    private static Scenario FirstHalf(Scenario drawn) => drawn with { Operations = [.. drawn.Operations.Take((drawn.Operations.Count + 1) / 2)] };
}
