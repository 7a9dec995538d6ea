namespace FolioCheck.Properties;

/// <summary>All state features.</summary>
public static class FeatureCatalogue
{
    /// <summary>Every feature, by group.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        .. SharingFeatures.All, .. FaultFeatures.All, .. BatchFeatures.All, .. PlaceFeatures.All, .. PartialFeatures.All, .. ForkFeatures.All, .. HoldFeatures.All, .. MarkFeatures.All,
        .. PmdFeatures.All, .. PmdCallFeatures.All, .. CollapseFeatures.All, .. ShrinkFeatures.All, .. HintFeatures.All,
    ];

    /// <summary>A feature's place in <see cref="All"/>, by its name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static int IndexOf(string name)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i].Name == name)
                return i;
        }
        throw new ArgumentException($"no feature is called '{name}'", nameof(name));
    }
}
