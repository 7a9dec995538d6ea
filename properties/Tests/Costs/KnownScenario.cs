using FolioCheck.Cli;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Costs;

/// <summary>The scenarios of properties/corpus/costs, counted on every layer; that layers count the same is part of each test that asks.</summary>
internal static class KnownScenario
{
    /// <summary>What a scenario costs.</summary>
    public static ScenarioCost Cost(string name)
    {
        var costs = new KnownCosts(CountedLayers.All);
        ScenarioCost cost = costs.Of(name);
        Assert.Empty(costs.Differences);
        Assert.All(cost.Operations, each => Assert.Equal((each.Operation, Outcome.Ok), (each.Operation, each.Outcome)));
        return cost;
    }

    /// <summary>Counts for each of some blocks; none may be left over.</summary>
    public static EventCounts PerBlock(EventCounts total, int blocks)
    {
        Assert.All(EventCounts.Kinds.Where(kind => kind.Name != "full invalidations"), kind => Assert.Equal((kind.Name, 0), (kind.Name, kind.Of(total) % blocks)));
        return new EventCounts
        {
            Faults = total.Faults / blocks,
            Reads = total.Reads / blocks,
            Stores = total.Stores / blocks,
            Exchanges = total.Exchanges / blocks,
            Folds = total.Folds / blocks,
            SetFolded = total.SetFolded / blocks,
            Unfolds = total.Unfolds / blocks,
            ClearedFolded = total.ClearedFolded / blocks,
            PageInvalidations = total.PageInvalidations / blocks,
            BlockInvalidations = total.BlockInvalidations / blocks,
            RangeInvalidations = total.RangeInvalidations / blocks,
        };
    }
}
