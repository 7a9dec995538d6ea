using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Counts after how many operations each feature was met. One object may follow many scenarios.</summary>
public sealed class FeatureTally
{
    private static readonly (int Index, FolioFeature Feature)[] _ofFolios =
        [.. FeatureCatalogue.All.Select((feature, i) => (i, feature as FolioFeature)).Where(pair => pair.Item2 is not null).Select(pair => (pair.i, pair.Item2!))];

    private static readonly (int Index, StepFeature Feature)[][] _ofKinds =
        [.. Enum.GetValues<OperationKind>().Select(kind => FeatureCatalogue.All
            .Select((feature, i) => (i, feature as StepFeature))
            .Where(pair => pair.Item2 is StepFeature step && step.Kinds.Contains(kind))
            .Select(pair => (pair.i, pair.Item2!)).ToArray())];

    private readonly Scene _scene = new();
    private readonly long[] _counts = new long[FeatureCatalogue.All.Count];
    private readonly int[] _firstSteps = new int[FeatureCatalogue.All.Count];

    /// <summary>Operations after which each feature was met, in the order of <see cref="FeatureCatalogue.All"/>.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The step at which the scenario at hand met each feature first; -1 where it did not.</summary>
    public ReadOnlySpan<int> FirstSteps => _firstSteps;

    /// <summary>A new scenario begins.</summary>
    public void Begin() => Array.Fill(_firstSteps, -1);

    /// <summary>Looks at a step that changed something.</summary>
    /// <param name="step">The step.</param>
    /// <param name="index">Its place in the scenario.</param>
    public void Count(in Step step, int index)
    {
        _scene.Load(step);
        foreach ((int i, StepFeature feature) in _ofKinds[(int)step.Operation.Kind])
        {
            if (feature.Sees(_scene))
                Meet(i, index);
        }
        foreach ((int i, FolioFeature feature) in _ofFolios)
        {
            if (AnyFolio(feature))
                Meet(i, index);
        }
    }

    private bool AnyFolio(FolioFeature feature)
    {
        foreach (ref readonly FolioFacts folio in _scene.Folios)
        {
            if (feature.Sees(_scene, folio))
                return true;
        }
        return false;
    }

    private void Meet(int feature, int step)
    {
        _counts[feature]++;
        if (_firstSteps[feature] < 0)
            _firstSteps[feature] = step;
    }
}
