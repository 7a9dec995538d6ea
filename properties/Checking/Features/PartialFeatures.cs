using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>Partially mapped folios, the deferred-split queue, splits and lazily freed folios (SPECIFICATION.md 6.2, 6.4, 6.5, 11.4).</summary>
public static class PartialFeatures
{
    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new FolioFeature("partially mapped folio shared", "Two processes map a folio of which some page is mapped nowhere.", (_, in folio) =>
            folio.State.PartiallyMapped && folio.Sharers >= 2),
        new FolioFeature("mapped in part by its only owner", "One process maps a large folio, and not all of it.", (_, in folio) =>
            folio.Sharers == 1 && folio.PartSharers == 1),
        new FolioFeature("one page of a folio left", "A large folio has a single mapping left.", (_, in folio) => folio.State.Mapcount == 1),
        new FolioFeature("in part everywhere and yet not partially mapped", "No process maps all of a large folio, but together they do, so it is not marked.", (_, in folio) =>
            folio.WholeSharers == 0 && folio.PartSharers >= 2 && !folio.State.PartiallyMapped),
        Step("partial for a moment only", "A folio becomes partially mapped within an operation that unmaps the rest of it too.", [Munmap, Madvise, Exit, OperationKind.Mmap], scene =>
            scene.Zaps && PartialForAMoment(scene)),
        Step("three folios on the deferred-split queue", "Three folios wait to be split.", Any, scene => scene.After.Queue.Count >= 3),
        Step("queue left from the middle", "A folio leaves the deferred-split queue that was neither its first nor its last.", Any, LeftFromTheMiddle),
        Step("MADV_FREE splits a folio", "MADV_FREE of a part of a folio splits it.", [Madvise], scene => scene.Advises(Advice.Free) && Split(scene)),
        Step("MADV_COLD splits a folio", "MADV_COLD of a part of a folio splits it.", [Madvise], scene => scene.Advises(Advice.Cold) && Split(scene)),
        Step("split of a partially mapped folio", "A folio is split of which some page was mapped nowhere.", [Madvise], scene =>
            Split(scene) && AnyFolioGone(scene, folio => folio.PartiallyMapped)),
        Step("split under two VMAs", "A folio that lay under two VMAs is split.", [Madvise], scene => Split(scene) && (scene.Cuts & BatchCuts.VmaEnd) != 0),
        Step("split across two tables", "A folio that straddled two leaf tables is split.", [Madvise], scene => Split(scene) && (scene.Cuts & BatchCuts.TableEnd) != 0) with
        { FollowsFrom = "folio straddles two leaf tables", Favoured = ["madvise FREE"] },
        Step("split puts the zero page", "A split gives pages full of zeroes back and maps the zero page instead.", [Madvise], scene =>
            Split(scene) && ZeroPages(scene.After, scene.Operation) > ZeroPages(scene.Before, scene.Operation)),
        Step("split refused by an extra reference", "A folio is not split because somebody holds a reference.", [Madvise], scene =>
            scene.Rose(statistics => statistics.SplitFailed)),
        Step("two folios split in one call", "One call splits two folios.", [Madvise], scene => Splits(scene) >= 2),
        Step("part of a shared folio not split", "MADV_FREE or MADV_COLD changes something, but leaves a folio whole that it meets in part, because it may be shared.", [Madvise], scene =>
            scene.Advises(Advice.Free, Advice.Cold) && !Split(scene) && (scene.Cuts & (BatchCuts.RangeStart | BatchCuts.RangeEnd)) != 0 && MeetsSharedInPart(scene)),
        new FolioFeature("lazily freed large folio", "A large folio is marked lazily freeable.", (_, in folio) => !folio.State.SwapBacked),
        new FolioFeature("lazily freed and shared", "A large folio that one sharer marked lazily freeable is mapped by two processes.", (_, in folio) =>
            !folio.State.SwapBacked && folio.Sharers >= 2),
        new FolioFeature("lazily freed and written again", "Some entry of a lazily freeable large folio is dirty.", (_, in folio) =>
            !folio.State.SwapBacked && (folio.SomeBits & PteBits.Dirty) != 0),
        new FolioFeature("lazily freed and partially mapped", "A lazily freeable large folio is partially mapped.", (_, in folio) =>
            !folio.State.SwapBacked && folio.State.PartiallyMapped),
        new FolioFeature("dirty folio", "A large folio is dirty itself, not only in entries.", (_, in folio) => folio.State.Dirty),
        Step("dirty folio freed lazily", "MADV_FREE takes a dirty large folio's own mark.", [Madvise], scene => scene.Advises(Advice.Free) && DirtyTaken(scene)) with
        { FollowsFrom = "dirty folio", Favoured = ["madvise FREE"] },
    ];

    private static OperationKind[] Any => Enum.GetValues<OperationKind>();

    private static StepFeature Step(string name, string description, OperationKind[] kinds, StepSight sees) => new(name, description, kinds, sees);

    private static bool Split(Scene scene) => scene.Rose(statistics => statistics.Split);

    private static long Splits(Scene scene)
    {
        long splits = 0;
        for (int order = Machine.SmallestLargeOrder; order <= scene.Machine.LargestPteOrder; order++)
            splits += scene.Rise(order, statistics => statistics.Split);
        return splits;
    }

    /// <summary>More folios of an order became partially mapped than there are new ones and than can have been there before.</summary>
    private static bool PartialForAMoment(Scene scene)
    {
        for (int order = Machine.SmallestLargeOrder; order <= scene.Machine.LargestPteOrder; order++)
        {
            long became = scene.Rise(order, statistics => statistics.SplitDeferred);
            if (became == 0)
                continue;
            long remain = 0;
            foreach (ref readonly FolioFacts folio in scene.Folios)
            {
                if (folio.State.Order == order && folio.State.PartiallyMapped && scene.Was(folio.State) is { State.PartiallyMapped: false })
                    remain++;
            }
            if (became > remain)
                return true;
        }
        return false;
    }

    private static bool LeftFromTheMiddle(Scene scene)
    {
        List<int> queue = scene.Before.Queue;
        for (int i = 1; i + 1 < queue.Count; i++)
        {
            if (!IsQueued(scene, queue[i]) && IsQueued(scene, queue[i - 1]) && IsQueued(scene, queue[i + 1]))
                return true;
        }
        return false;
    }

    private static bool IsQueued(Scene scene, int folioBefore)
    {
        FolioState before = scene.Before.Folios[folioBefore].State;
        foreach (int id in scene.After.Queue)
        {
            FolioState after = scene.After.Folios[id].State;
            if (after.Frame == before.Frame && after.Order == before.Order)
                return true;
        }
        return false;
    }

    private static bool AnyFolioGone(Scene scene, Predicate<FolioState> was)
    {
        foreach (FolioView before in scene.Before.Folios)
        {
            if (before.State.Order > 0 && was(before.State) && !IsThere(scene, before.State))
                return true;
        }
        return false;
    }

    private static bool IsThere(Scene scene, in FolioState before)
    {
        foreach (ref readonly FolioFacts after in scene.Folios)
        {
            if (after.State.Frame == before.Frame && after.State.Order == before.Order)
                return true;
        }
        return false;
    }

    private static long ZeroPages(MemoryState state, Operation operation)
    {
        long pages = 0;
        foreach (PteRun run in state.Runs)
        {
            if (run.Process == operation.Process && run.IsZeroPage && run.Page < operation.End && operation.Address < run.End)
                pages += run.Count;
        }
        return pages;
    }

    private static bool MeetsSharedInPart(Scene scene)
    {
        foreach (PteRun run in scene.Before.Runs)
        {
            bool inPart = run.Process == scene.Operation.Process && !run.IsZeroPage && run.Page < scene.Operation.End && scene.Operation.Address < run.End
                && (run.Page < scene.Operation.Address || run.End > scene.Operation.End);
            if (inPart && scene.Before.Folios[run.Folio].State is { Order: > 0, MaybeMappedShared: true })
                return true;
        }
        return false;
    }

    private static bool DirtyTaken(Scene scene)
    {
        foreach (ref readonly FolioFacts folio in scene.Folios)
        {
            if (folio.State is { Order: > 0, Dirty: false, SwapBacked: false } && scene.Was(folio.State) is { State.Dirty: true })
                return true;
        }
        return false;
    }
}
