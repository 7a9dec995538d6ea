using Xunit;

namespace FolioCheck.Properties.Tests.Features;

/// <summary>The list of state features as such.</summary>
public sealed class FeatureCatalogueTests
{
    [Fact]
    public void Names_are_unique_and_each_says_what_it_is()
    {
        Assert.True(FeatureCatalogue.All.Count >= 60);
        Assert.Equal(FeatureCatalogue.All.Count, FeatureCatalogue.All.Select(feature => feature.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(FeatureCatalogue.All, feature => Assert.EndsWith(".", feature.Description, StringComparison.Ordinal));
        Assert.All(FeatureCatalogue.All, feature => Assert.Contains(MachineChoice.Default, feature.PromisedOn));
    }

    [Fact]
    public void What_a_feature_follows_from_is_another_feature() =>
        Assert.All(FeatureCatalogue.All.Where(feature => feature.FollowsFrom is not null), feature =>
            Assert.NotEqual(feature.Name, FeatureCatalogue.All[FeatureCatalogue.IndexOf(feature.FollowsFrom!)].Name));

    [Fact]
    public void There_is_no_other_feature() => Assert.Throws<ArgumentException>(() => FeatureCatalogue.IndexOf("no such feature"));

    /// <summary>Not every machine can do everything, so some beginnings count together.</summary>
    [Fact]
    public void Favoured_operations_become_frequent()
    {
        Scenario[] beginnings = [.. Enumerable.Range(1, 60).Select(seed => ScenarioGenerator.Draw(new RandomChoices((ulong)seed), MachineChoice.Default, 20))];
        foreach (StateFeature feature in FeatureCatalogue.All.Where(feature => feature.Favoured.Count > 0))
        {
            int plain = beginnings.Sum(beginning => FavouredAmongAdded(beginning, feature, []));
            int favoured = beginnings.Sum(beginning => FavouredAmongAdded(beginning, feature, feature.Favoured));
            Assert.True(favoured > plain, $"{feature.Name}: {favoured} favoured, {plain} otherwise");
        }
    }

    private static int FavouredAmongAdded(Scenario beginning, StateFeature feature, IReadOnlyList<string> favoured)
    {
        Scenario extended = ScenarioGenerator.Extend(new RandomChoices(2), beginning, 60, _ => true, favoured);
        Assert.Equal(beginning.Operations, extended.Operations.Take(beginning.Operations.Count));
        return extended.Operations.Skip(beginning.Operations.Count).Count(operation => feature.Favoured.Contains(OperationText.KindName(operation)));
    }
}
