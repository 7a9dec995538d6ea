using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>Who maps a large folio, what the two MM-ID slots know of it (SPECIFICATION.md 5.4), and what a store makes of that (4.3).</summary>
public static class SharingFeatures
{
    private static readonly OperationKind[] _leaving = [Munmap, Madvise, Exit, OperationKind.Mmap, Write, WriteRange, Mremap];

    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new FolioFeature("third sharer untracked", "A process maps a large folio of which both slots belong to others.", (_, in folio) =>
            folio.Slots == 2 && folio.Sharers >= 3),
        new FolioFeature("two sharers untracked", "Four processes map a large folio, two of them without a slot.", (_, in folio) =>
            folio.Slots == 2 && folio.Sharers >= 4),
        new FolioFeature("untracked sharer beside a free slot", "A process maps a large folio without a slot although one is free.", (_, in folio) =>
            folio.Slots == 1 && folio.Sharers >= 2),
        new FolioFeature("sharers and no slot at all", "Two processes map a large folio, and both of its slots are free.", (_, in folio) =>
            folio.Slots == 0 && folio.Sharers >= 2),
        new FolioFeature("stale shared mark", "One process alone maps a large folio that is still marked as maybe shared.", (_, in folio) =>
            folio.State.MaybeMappedShared && folio.Sharers == 1),
        new FolioFeature("slot reused by another process", "Slot 0 of a large folio, given up by one process, is taken by another while slot 1 is taken.", SlotReused),
        new FolioFeature("partial in two processes while whole in a third", "Two processes map some pages of a large folio, a third maps all.", (_, in folio) =>
            folio.PartSharers >= 2 && folio.WholeSharers >= 1),
        new FolioFeature("disjoint parts in two processes", "Two processes map a large folio, but no page of it is mapped by both.", (scene, in folio) =>
            folio.PartSharers == 2 && folio.WholeSharers == 0 && folio.State.Mapcount == folio.State.NrPagesMapped && folio.Sharers == 2),
        new FolioFeature("whole in one process, a part in another", "One process maps all pages of a large folio, another only some.", (_, in folio) =>
            folio.WholeSharers >= 1 && folio.PartSharers >= 1),
        new FolioFeature("folio of four processes", "Four processes map a large folio.", (_, in folio) => folio.Sharers >= 4),
        new FolioFeature("exclusive pages beside shared ones", "Some mapped pages of a large folio that two processes map are AnonExclusive, some are not.", (scene, in folio) =>
            folio.Sharers >= 2 && MixedExclusive(scene, folio)),
        new FolioFeature("exclusive pages beside others of one owner", "One process maps a large folio, and some of its pages are AnonExclusive and some are not.", (scene, in folio) =>
            folio.Sharers == 1 && MixedExclusive(scene, folio)),
        new StepFeature("shared mark cleared by an exit", "The exit of a process leaves a large folio to one owner, and the mark says so.", [Exit], scene =>
            MarkCleared(scene, tracked: null)),
        new StepFeature("shared mark cleared by an untracked sharer", "A process without a slot unmaps a large folio, and a slot turns out to have all that is left.", _leaving, scene =>
            MarkCleared(scene, tracked: false)),
        new StepFeature("stale shared mark, sole owner copies", "A store of the one owner of a large folio copies a page because the mark is stale.", [Write], scene =>
            Copied(scene) is FolioView folio && folio.State.MaybeMappedShared && IsAlone(scene, folio) && folio.State.References == folio.State.Mapcount) with
        { FollowsFrom = "stale shared mark", Favoured = ["write"] },
        new StepFeature("extra reference, sole owner copies", "A store of the one owner of a large folio copies a page because somebody holds a reference.", [Write], scene =>
            Copied(scene) is FolioView folio && !folio.State.MaybeMappedShared && IsAlone(scene, folio) && folio.State.References > folio.State.Mapcount),
        new StepFeature("lone page of a large folio copied", "A store copies the last mapped page of a large folio, which nobody shares.", [Write], scene =>
            Copied(scene) is FolioView folio && folio.State is { Order: > 0, Mapcount: 1, References: 1 }) with
        { FollowsFrom = "one page of a folio left", Favoured = ["mprotect", "write"] },
        new StepFeature("exclusive again after fork", "A store makes a page of a large folio AnonExclusive again that fork had made shared.", [Write], scene =>
            scene.EntryBefore is PteRun entry && Reused(scene) is FolioView folio && folio.State.Order > 0 && !scene.Before.IsExclusive(folio, entry.Index)),
        new StepFeature("exclusive page reused by mark alone", "A store reuses a page of a large folio only because it is AnonExclusive: the folio is marked as shared, or somebody holds a reference.", [Write], scene =>
            scene.EntryBefore is PteRun entry && Reused(scene) is FolioView folio && folio.State.Order > 0
            && (folio.State.MaybeMappedShared || folio.State.References > folio.State.Mapcount) && scene.Before.IsExclusive(folio, entry.Index)) with
        { FollowsFrom = "read pin unshares in place", Favoured = ["write", "pin_read"] },
        new StepFeature("small page reused after fork", "A store reuses a small page that fork had made shared.", [Write], scene =>
            scene.EntryBefore is PteRun entry && Reused(scene) is FolioView folio && folio.State.Order == 0 && !scene.Before.IsExclusive(folio, entry.Index)),
        new StepFeature("page of three processes copied", "A store copies a page that at least three processes map.", [Write], scene =>
            scene.EntryBefore is PteRun entry && Copied(scene) is FolioView folio && scene.Before.Recount(folio, entry.Index) >= 3),
        new StepFeature("fork of a folio of another's", "A process forks that maps a large folio which it got by a fork itself, while both slots belong to others.", [Fork], scene =>
            AnyBefore(scene, folio => folio.Slot0Process >= 0 && folio.Slot1Process >= 0 && folio.Slot0Process != scene.Operation.Process && folio.Slot1Process != scene.Operation.Process)),
    ];

    private static bool SlotReused(Scene scene, in FolioFacts folio)
    {
        FolioState now = folio.State;
        return scene.Operation.Kind == Fork && now.Slot0Process == scene.Operation.Child && now.Slot1Process >= 0
            && scene.Was(now) is { State: { Slot0Process: < 0, Slot1Process: >= 0 } };
    }

    private static bool MixedExclusive(Scene scene, in FolioFacts folio)
    {
        FolioView view = scene.After.Folios[folio.Id];
        bool some = false;
        bool not = false;
        for (int i = 0; i < view.Pages && !(some && not); i++)
        {
            if (scene.After.Recount(view, i) == 0)
                continue;
            bool exclusive = scene.After.IsExclusive(view, i);
            some |= exclusive;
            not |= !exclusive;
        }
        return some && not;
    }

    /// <summary>Whether the operation of a process took a folio's mark away; if asked, of a process with a slot or without.</summary>
    private static bool MarkCleared(Scene scene, bool? tracked)
    {
        foreach (ref readonly FolioFacts folio in scene.Folios)
        {
            if (folio.State.Order == 0 || folio.State.MaybeMappedShared || folio.Sharers == 0)
                continue;
            if (scene.Was(folio.State) is not FolioView before || !before.State.MaybeMappedShared)
                continue;
            int process = scene.Operation.Process;
            bool slot = before.State.Slot0Process == process || before.State.Slot1Process == process;
            if (tracked is null || tracked == slot)
                return true;
        }
        return false;
    }

    private static bool AnyBefore(Scene scene, Func<FolioState, bool> has)
    {
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process == scene.Operation.Process && !run.IsZeroPage && has(scene.Before.Folios[run.Folio].State))
                return true;
        }
        return false;
    }

    /// <summary>The folio before whose page a store copied, or null.</summary>
    private static FolioView? Copied(Scene scene) =>
        scene.Outcome == Outcome.Ok && scene.EntryBefore is { IsZeroPage: false } before && scene.EntryAfter is PteRun after
        && scene.Before.FrameOf(before) != scene.After.FrameOf(after) ? scene.FolioBefore(before) : null;

    /// <summary>The folio before whose page a store made writable in its place, or null.</summary>
    private static FolioView? Reused(Scene scene) =>
        scene.Outcome == Outcome.Ok && scene.EntryBefore is { IsZeroPage: false } before && (before.Bits & PteBits.Writable) == 0
        && scene.EntryAfter is PteRun after && scene.Before.FrameOf(before) == scene.After.FrameOf(after) ? scene.FolioBefore(before) : null;

    private static bool IsAlone(Scene scene, in FolioView folio) => folio.State is { Order: > 0, Mapcount: > 1 } && scene.Before.Sharers(folio.State.Id) == 1;
}
