using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Costs;

/// <summary>A garbage collector's mprotect, page by page, and a heap that gives single pages back: counts for each folded block, derived by hand from SPECIFICATION.md 17.28.</summary>
public sealed class PatternCountsTests
{
    private const int Blocks = 4;

    private static bool IsProtect(Operation operation) => operation.Kind == OperationKind.Mprotect && operation.Protection == Protection.Read;

    private static bool IsRelease(Operation operation) => operation.Kind == OperationKind.Mprotect && operation.Protection != Protection.Read;

    private static EventCounts Block(string scenario, Func<Operation, bool> which) => KnownScenario.PerBlock(KnownScenario.Cost(scenario).Sum(which), Blocks);

    /// <summary>
    /// Each pass, ascending: looking for a batch 1 R a page, and 1 more in the folded block; clear 1 R, 1 X; set 1 R, 1 W. The first page unfolds (16 X, 16 W, invalidation); the last
    /// one scans the block (16 R) and folds it (16 X, 16 W, invalidation).
    /// </summary>
    [Fact]
    public void A_collector_that_ascends_unfolds_and_folds_each_block_once_a_pass()
    {
        var pass = new EventCounts { Reads = 16 * 3 + 1 + 16, Exchanges = 16 + 2 * 16, Stores = 16 + 2 * 16, Unfolds = 1, Folds = 1, BlockInvalidations = 2 };
        Assert.Equal(pass, Block("collector-ascending-arm64", IsProtect));
        Assert.Equal(pass, Block("collector-ascending-arm64", IsRelease));
    }

    /// <summary>Descending, the last page comes first: its fold attempt ends at the first descriptor, and nothing folds the block again.</summary>
    [Fact]
    public void A_collector_that_descends_unfolds_once_and_folds_nothing()
    {
        var protect = new EventCounts { Reads = 16 * 3 + 1 + 1, Exchanges = 16 + 16, Stores = 16 + 16, Unfolds = 1, BlockInvalidations = 1 };
        Assert.Equal(protect, Block("collector-descending-arm64", IsProtect));
        Assert.Equal(new EventCounts { Reads = 16 * 3 + 1, Exchanges = 16, Stores = 16 }, Block("collector-descending-arm64", IsRelease));
    }

    /// <summary>Without the layer each page is looked at, cleared and set.</summary>
    [Theory]
    [InlineData("collector-ascending-x86")]
    [InlineData("collector-descending-x86")]
    public void Without_the_layer_a_collector_pays_for_its_pages_alone(string scenario)
    {
        var pass = new EventCounts { Reads = 16, Exchanges = 16, Stores = 16 };
        Assert.Equal(pass, Block(scenario, IsProtect));
        Assert.Equal(pass, Block(scenario, IsRelease));
    }

    /// <summary>Two pages of a block are given back: the first unfolds it. Stores that bring them back map small folios, so the block stays unfolded.</summary>
    [Fact]
    public void A_heap_that_trims_single_pages_unfolds_each_block_for_good()
    {
        static bool IsTrim(Operation operation) => operation.Kind == OperationKind.Madvise;
        static bool IsStore(Operation operation) => operation.Kind == OperationKind.Write;
        var trim = new EventCounts { Reads = 2 * 2 + 1, Exchanges = 2 + 16, Stores = 16, Unfolds = 1, BlockInvalidations = 1 };
        Assert.Equal(trim, Block("heap-trim-arm64", IsTrim));
        Assert.Equal(new EventCounts { Faults = 2, Reads = 2, Stores = 2 }, Block("heap-trim-arm64", IsStore));
        Assert.Equal(new EventCounts { Reads = 2, Exchanges = 2 }, Block("heap-trim-x86", IsTrim));
        Assert.Equal(new EventCounts { Faults = 2, Stores = 2 }, Block("heap-trim-x86", IsStore));
    }

    /// <summary>The blocks are folded to begin with: the fault that brings a folio sets it so.</summary>
    [Theory]
    [InlineData("collector-ascending-arm64")]
    [InlineData("collector-descending-arm64")]
    [InlineData("heap-trim-arm64")]
    public void Blocks_begin_folded(string scenario) =>
        Assert.Equal(
            new EventCounts { Faults = 1, Reads = 16, Stores = 16, SetFolded = 1 }, Block(scenario, operation => operation.Kind == OperationKind.WriteRange));
}
