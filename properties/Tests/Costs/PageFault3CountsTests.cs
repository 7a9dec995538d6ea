using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Costs;

/// <summary>SPECIFICATION.md 7.8: the page_fault3 regression in counts, exactly, for each block of 16 pages.</summary>
public sealed class PageFault3CountsTests
{
    private const int Blocks = 16;

    /// <summary>The table of 7.8: R, and W and X apart.</summary>
    [Theory]
    [InlineData("page-fault3-1-small-folios", 16, 16, 16, 0, 0, 0, 0)]
    [InlineData("page-fault3-2-large-folios-by-page", 16, 32, 32, 16, 1, 0, 1)]
    [InlineData("page-fault3-3-large-folios-without-layer", 16, 0, 16, 0, 0, 0, 0)]
    [InlineData("page-fault3-4-whole-folios", 1, 16, 16, 0, 0, 1, 0)]
    public void A_block_costs_what_the_specification_says(string scenario, long faults, long reads, long stores, long exchanges, long folds, long setFolded, long invalidations)
    {
        var run = new TouchCounts(KnownScenario.Cost(scenario));
        Assert.Equal(Blocks * 16, run.Touches);
        var expected = new EventCounts
        {
            Faults = faults,
            Reads = reads,
            Stores = stores,
            Exchanges = exchanges,
            Folds = folds,
            SetFolded = setFolded,
            BlockInvalidations = invalidations,
        };
        Assert.Equal(expected, KnownScenario.PerBlock(run.Touching, Blocks));
    }

    /// <summary>At munmap every entry is exchanged, once; a folded block is cleared without being unfolded, and everything is invalidated once.</summary>
    [Theory]
    [InlineData("page-fault3-1-small-folios", 0)]
    [InlineData("page-fault3-2-large-folios-by-page", 1)]
    [InlineData("page-fault3-3-large-folios-without-layer", 0)]
    [InlineData("page-fault3-4-whole-folios", 1)]
    public void A_block_is_unmapped_as_it_is(string scenario, long clearedFolded)
    {
        EventCounts unmapping = new TouchCounts(KnownScenario.Cost(scenario)).Unmapping;
        Assert.Equal(1, unmapping.FullInvalidations);
        EventCounts block = KnownScenario.PerBlock(unmapping, Blocks);
        Assert.Equal(new EventCounts { Reads = block.Reads, Exchanges = 16, ClearedFolded = clearedFolded }, block);
    }

    /// <summary>16/N faults: a folio of N pages takes one.</summary>
    [Fact]
    public void A_larger_folio_takes_fewer_faults_and_nothing_else_changes()
    {
        EventCounts small = KnownScenario.Cost("page-fault3-4-whole-folios").Total;
        EventCounts large = KnownScenario.Cost("page-fault3-whole-folios-of-256").Total;
        Assert.Equal((16, 1), (small.Faults, large.Faults));
        Assert.Equal(small with { Faults = 1 }, large);
    }

    /// <summary>Property 63 of 13b: ascending stores fold each block once, descending ones none, and in any order only a block whose last page comes last.</summary>
    [Theory]
    [InlineData("page-fault3-2-large-folios-by-page", 16)]
    [InlineData("page-fault3-descending", 0)]
    [InlineData("page-fault3-random", 1)]
    [InlineData("page-fault3-4-whole-folios", 0)]
    [InlineData("page-fault3-1-small-folios", 0)]
    public void Property63_OnlyTheLastEntryFolds(string scenario, long folds)
    {
        EventCounts total = KnownScenario.Cost(scenario).Total;
        Assert.Equal((folds, folds), (total.Folds, total.BlockInvalidations));
    }

    /// <summary>The folds are those that the order of the stores lets one expect, whatever that order is.</summary>
    [Fact]
    public void Random_stores_fold_the_blocks_whose_last_page_comes_last()
    {
        long[] stores = [.. KnownScenario.Cost("page-fault3-random").Operations.Where(cost => cost.Operation.Kind == OperationKind.Write).Select(cost => cost.Operation.Address)];
        Assert.Equal(Enumerable.Range(0, 64).Select(page => (long)page), stores.Order());
        Assert.Equal(1, stores.GroupBy(page => page / 16).Count(block => block.Last() % 16 == 15));
    }

    /// <summary>The window has the faults of a folio of its size and no folds either, and a page touched alone brings in the window, not the folio.</summary>
    [Theory]
    [InlineData("rss-page", 1)]
    [InlineData("rss-window", 16)]
    [InlineData("rss-folio", 256)]
    public void A_window_bounds_what_one_touch_maps(string scenario, long afterOneTouch)
    {
        ScenarioCost cost = KnownScenario.Cost(scenario);
        Assert.Equal([0, afterOneTouch, 256, 0], cost.Operations.Select(each => each.Rss));
        Assert.Equal(KnownScenario.Cost("page-fault3-4-whole-folios").Total, KnownScenario.Cost("page-fault3-window").Total);
    }
}
