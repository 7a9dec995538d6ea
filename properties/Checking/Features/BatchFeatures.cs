using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>Where batches end (SPECIFICATION.md 5.7.1, 17.6): a batched implementation is wrong at these borders or nowhere.</summary>
public static class BatchFeatures
{
    private static readonly OperationKind[] _zaps = [Munmap, Madvise, Exit, OperationKind.Mmap];

    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        Zap("zap batch cut by VMA end", "A zap meets a folio that goes on in the next VMA.", BatchCuts.VmaEnd),
        Zap("zap batch cut by table end", "A zap meets a folio that goes on in the next leaf table.", BatchCuts.TableEnd),
        Zap("zap begins inside a folio", "A zap of a range leaves the beginning of a folio mapped.", BatchCuts.RangeStart),
        Zap("zap ends inside a folio", "A zap of a range leaves the end of a folio mapped.", BatchCuts.RangeEnd),
        Zap("zap batch cut by the uffd-wp bit", "A zap meets a folio of which only a part is write-protected by userfaultfd.", BatchCuts.UffdWp),
        Zap("zap batch over mixed dirty bits", "A zap takes entries of one folio together although only some are dirty.", BatchCuts.Dirty),
        Zap("zap batch over mixed write bits", "A zap takes entries of one folio together although only some are writable.", BatchCuts.Writable),
        Zap("zap of a folio with a hole", "A zap meets a folio with unmapped pages between mapped ones.", BatchCuts.Hole),
        Zap("zap of a folio with a copy in it", "A zap meets a folio with a page of another folio between its own.", BatchCuts.OtherFolio),
        Zap("zap of two folios in adjacent frames", "A zap meets two folios, one of them large, side by side in one table and in memory, with equal bits.", BatchCuts.AdjacentFrames),
        Zap("zap of small folios in adjacent frames", "A zap meets two small folios side by side in one table and in memory, with equal bits.", BatchCuts.SmallNeighbours),
        Zap("zap of a folio beside the zero page", "A zap meets the zero page right after a page of a folio.", BatchCuts.ZeroPage),
        Zap("zap of the largest order in one batch", "A zap takes a whole folio of the largest order that faults map, in one table.", BatchCuts.LargestFolio),
        Zap("zap batch longer than a word", "A zap takes more than 64 entries together.", BatchCuts.LongerThanAWord) with { PromisedOn = [MachineChoice.Default, MachineChoice.Large] },
        Of(Fork, "fork batch cut by VMA end", "A fork meets a folio that goes on in the next VMA that it copies.", BatchCuts.VmaEnd),
        Of(Fork, "fork batch cut by table end", "A fork meets a folio that goes on in the next leaf table.", BatchCuts.TableEnd),
        Of(Fork, "fork batch cut by a dirty bit", "A fork meets a folio of which only a part is dirty.", BatchCuts.Dirty),
        Of(Fork, "fork batch cut by the uffd-wp bit", "A fork meets a folio of which only a part is write-protected by userfaultfd.", BatchCuts.UffdWp),
        Of(Fork, "fork batch over mixed write bits", "A fork takes entries of one folio together although only some are writable.", BatchCuts.WritableOnly),
        Of(Fork, "fork of a folio with a hole", "A fork meets a folio with unmapped pages between mapped ones.", BatchCuts.Hole),
        Of(Fork, "fork of a folio with a copy in it", "A fork meets a folio with a page of another folio between its own.", BatchCuts.OtherFolio),
        Of(Fork, "fork of two folios in adjacent frames", "A fork meets two folios side by side in one table and in memory, with equal bits.", BatchCuts.AdjacentFrames),
        new StepFeature(
            "fork batch cut by a soft-dirty bit", "A fork meets a folio of which only a part is soft-dirty, in memory that is not soft-dirty as a whole.", [Fork],
            scene => scene.Machine.SoftDirty && (scene.Cuts & BatchCuts.SoftDirty) != 0),
        Of(Mprotect, "mprotect batch cut by a write bit", "An mprotect meets a folio of which only a part is writable.", BatchCuts.Writable),
        Of(Mprotect, "mprotect batch cut by table end", "An mprotect meets a folio that goes on in the next leaf table.", BatchCuts.TableEnd) with
        { FollowsFrom = "folio straddles two leaf tables", Favoured = ["mprotect"] },
        Of(Mprotect, "mprotect batch cut by the uffd-wp bit", "An mprotect meets a folio of which only a part is write-protected by userfaultfd.", BatchCuts.UffdWp) with
        { FollowsFrom = "write-protected in part", Favoured = ["mprotect"] },
        Of(Mprotect, "mprotect ends inside a folio", "An mprotect changes the rights of a part of a folio.", BatchCuts.RangeEnd),
        Of(Mprotect, "mprotect batch over mixed dirty bits", "An mprotect smears dirty bits over entries of one folio of which only some were dirty.", BatchCuts.DirtyOnly) with
        { FollowsFrom = "dirty in part", Favoured = ["mprotect"] },
    ];

    private static StepFeature Zap(string name, string description, BatchCuts cut) =>
        new(name, description, _zaps, scene => scene.Zaps && (scene.Cuts & cut) != 0);

    private static StepFeature Of(OperationKind kind, string name, string description, BatchCuts cut) =>
        new(name, description, [kind], scene => (scene.Cuts & cut) != 0);
}
