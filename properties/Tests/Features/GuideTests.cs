using Xunit;

namespace FolioCheck.Properties.Tests.Features;

/// <summary>What steers generation.</summary>
public sealed class GuideTests
{
    private static readonly Scenario _drawn = ScenarioGenerator.Draw(new RandomChoices(7), MachineChoice.Default, 30);

    [Fact]
    public void Every_other_case_is_left_as_it_was_drawn()
    {
        var guide = new Guide(MachineChoice.Default, OperationSubset.All);
        Assert.Same(_drawn, guide.Steer(1, 4, _drawn));
        Assert.NotEqual(_drawn, guide.Steer(1, 5, _drawn));
    }

    [Fact]
    public void The_same_seed_and_number_steer_alike()
    {
        var one = new Guide(MachineChoice.Default, OperationSubset.All);
        var two = new Guide(MachineChoice.Default, OperationSubset.All);
        Assert.Equal(one.Steer(3, 9, _drawn), two.Steer(3, 9, _drawn));
        Assert.NotEqual(one.Steer(3, 9, _drawn), one.Steer(4, 9, _drawn));
    }

    [Fact]
    public void What_is_known_changes_with_blocks_only_and_ends_when_all_was_met()
    {
        var guide = new Guide(MachineChoice.Default, OperationSubset.All);
        int[] everything = [.. FeatureCatalogue.All.Select(_ => 0)];
        for (int i = 0; i < 10; i++)
            guide.Learn(_drawn, everything);
        Assert.NotEqual(_drawn, guide.Steer(1, 5, _drawn));
        guide.EndBlock();
        Assert.Same(_drawn, guide.Steer(1, 5, _drawn));
        Assert.All(guide.Kept, Assert.Empty);
    }

    /// <summary>A feature that was met once is sought where it was met.</summary>
    [Fact]
    public void A_case_goes_on_from_a_beginning_that_came_near()
    {
        var guide = new Guide(MachineChoice.Default, OperationSubset.All);
        int[] steps = [.. FeatureCatalogue.All.Select(_ => 0)];
        int rare = FeatureCatalogue.IndexOf("folio mlocked twice");
        for (int i = 0; i < 10; i++)
            guide.Learn(_drawn, [.. steps.Select((_, feature) => feature == rare ? (i == 0 ? 3 : -1) : 0)]);
        guide.EndBlock();
        Scenario steered = guide.Steer(1, 5, _drawn);
        Assert.Equal(_drawn.Operations.Take(4), steered.Operations.Take(4));
        Assert.Equal(_drawn.Machine, steered.Machine);
    }

    /// <summary>One search may be lucky; that two are is another matter.</summary>
    [Fact]
    public void It_meets_everything_sooner_than_chance_does()
    {
        FeatureSearchResult[] guided = [.. Search(guided: true)];
        FeatureSearchResult[] plain = [.. Search(guided: false)];
        Assert.All(guided, search => Assert.Empty(search.Missing));
        // By chance it may not come to an end at all.
        (long cases, long chance) = (guided.Sum(search => search.Cases), plain.Sum(search => search.Cases));
        Assert.True(cases < chance, $"{cases} cases, and {chance} by chance");
    }

    private static IEnumerable<FeatureSearchResult> Search(bool guided) =>
        new ulong[] { 2, 3 }.Select(seed => FeatureSearch.Run(new CampaignOptions(seed, MachineChoice.Default, CampaignOptions.DefaultCases, null) { Guided = guided }));
}
