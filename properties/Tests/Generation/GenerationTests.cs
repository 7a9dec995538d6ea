using FolioCheck.Implementation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Generation;

/// <summary>Generation is deterministic, and what it makes is worth running.</summary>
public sealed class GenerationTests
{
    [Fact]
    public void Same_seed_same_scenario()
    {
        for (ulong seed = 0; seed < 50; seed++)
            Assert.Equal(Draw(seed), Draw(seed));
    }

    /// <summary>Pins the stream itself: another machine or version that draws something else breaks every printed seed.</summary>
    [Fact]
    public void The_stream_is_pinned()
    {
        var choices = new RandomChoices(42);
        Assert.Equal([741, 159, 278, 344, 38], Enumerable.Range(0, 5).Select(_ => choices.Choose(1000)));
    }

    [Fact]
    public void Choices_stay_below_their_bound()
    {
        var choices = new RandomChoices(7);
        for (int bound = 1; bound < 2000; bound++)
            Assert.InRange(choices.Choose(bound), 0, bound - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => choices.Choose(0));
    }

    [Fact]
    public void Weighted_choices_leave_out_what_weighs_nothing()
    {
        var choices = new RandomChoices(7);
        int[] counts = new int[3];
        for (int i = 0; i < 1000; i++)
            counts[choices.PickWeighted([1, 0, 3])]++;
        Assert.Equal(0, counts[1]);
        Assert.InRange(counts[0], 180, 320);
    }

    /// <summary>At least two operations in five change something, and every outcome that is promised is seen.</summary>
    [Fact]
    public void A_default_run_reaches_everything_it_promises()
    {
        var campaign = new Campaign(OptimizedMemory.Create);
        CampaignResult result = campaign.Run(new CampaignOptions(3, MachineChoice.Default, CampaignOptions.DefaultCases, null), () => TimeSpan.Zero, _ => { }, CancellationToken.None);
        Assert.Null(result.Failure);
        Tally tally = campaign.Figures.Tally;
        Assert.True(tally.Effective * 100 >= tally.Applied * 40, $"only {tally.Effective} of {tally.Applied} operations changed anything");
        Assert.True(tally.MeanMappedPtes >= 64, $"only {tally.MeanMappedPtes} entries mapped on average");
        Assert.Empty(tally.Missing());
        Assert.Empty(campaign.Figures.FeaturesMissing(MachineChoice.Default));
    }

    /// <summary>A campaign that a clock ended is the beginning of every longer one.</summary>
    [Fact]
    public void More_cases_begin_with_the_same_cases()
    {
        Assert.Equal(Operations(250, 1), Operations(250, 1));
        Assert.NotEqual(Operations(250, 1), Operations(250, 2));
        Assert.True(Operations(300, 1) > Operations(250, 1));
    }

    private static long Operations(long cases, ulong seed)
    {
        var campaign = new Campaign(OptimizedMemory.Create);
        campaign.Run(new CampaignOptions(seed, MachineChoice.Tiny, cases, null), () => TimeSpan.Zero, _ => { }, CancellationToken.None);
        return campaign.Figures.Tally.Effective;
    }

    private static Scenario Draw(ulong seed) => ScenarioGenerator.Draw(new RandomChoices(seed), MachineChoice.Default, 50);

    [Fact]
    public void Every_machine_drawn_is_valid()
    {
        for (ulong seed = 0; seed < 500; seed++)
            Assert.Null(MachineGenerator.Draw(new RandomChoices(seed), MachineChoice.Default).Validate());
        Assert.NotNull(new Machine { EntriesPerTable = 12 }.Validate());
        Assert.NotNull(new Machine { Frames = 3 }.Validate());
        Assert.NotNull(new Machine { ContPteEntries = 32 }.Validate());
        Assert.NotNull(new Machine { Thp = ThpPolicy.Off.With(Operation.GlobalOrder, ThpMode.Inherit) }.Validate());
    }
}
