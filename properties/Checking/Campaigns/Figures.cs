namespace FolioCheck.Properties;

/// <summary>What runs add up: everything that a report says and that does not depend on the clock. Sums of parts are sums of the whole.</summary>
public sealed class Figures
{
    private readonly SortedDictionary<int, long> _premises = [];
    private readonly long[] _features = new long[FeatureCatalogue.All.Count];

    /// <summary>Cases run.</summary>
    public long Cases { get; set; }

    /// <summary>Cases that were run twice, to see whether the same happens.</summary>
    public long Repeated { get; set; }

    /// <summary>Cases whose micro-steps were compared.</summary>
    public long Traced { get; set; }

    /// <summary>What was done.</summary>
    public Tally Tally { get; } = new();

    /// <summary>How often the premise of each property held, by its number.</summary>
    public IReadOnlyDictionary<int, long> Premises => _premises;

    /// <summary>Operations after which each feature was met, in the order of <see cref="FeatureCatalogue.All"/>.</summary>
    public ReadOnlySpan<long> Features => _features;

    /// <summary>Features that were met at all.</summary>
    public int FeaturesMet => _features.Count(count => count > 0);

    /// <summary>Adds the figures of another run.</summary>
    public void Add(Figures other)
    {
        Cases += other.Cases;
        Repeated += other.Repeated;
        Traced += other.Traced;
        Tally.Add(other.Tally);
        foreach ((int property, long held) in other._premises)
            AddPremise(property, held);
        for (int i = 0; i < _features.Length; i++)
            _features[i] += other._features[i];
    }

    /// <summary>Adds to what a premise held.</summary>
    public void AddPremise(int property, long held) => _premises[property] = _premises.GetValueOrDefault(property) + held;

    /// <summary>Adds to what a feature was met.</summary>
    public void AddFeature(int feature, long times) => _features[feature] += times;

    /// <summary>Features that a run of the default size promises on some machines and that were not met.</summary>
    public IEnumerable<string> FeaturesMissing(MachineChoice machines)
    {
        for (int i = 0; i < _features.Length; i++)
        {
            if (_features[i] == 0 && FeatureCatalogue.All[i].PromisedOn.Contains(machines))
                yield return "feature " + FeatureCatalogue.All[i].Name;
        }
    }
}
