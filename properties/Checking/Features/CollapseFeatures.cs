using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>Blocks that MADV_COLLAPSE and khugepaged make one folio of, or leave as they are (SPECIFICATION.md 8.6, 17.23, 17.25).</summary>
public static class CollapseFeatures
{
    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        Collapse("collapse of small pages", "MADV_COLLAPSE puts a PMD mapping in the place of small pages.", scene => Done(scene) && Replaced(scene, run => OrderOf(scene, run) == 0)),
        Collapse("collapse of large folios", "MADV_COLLAPSE puts a PMD mapping in the place of entries of large folios.", scene =>
            Done(scene) && Replaced(scene, run => OrderOf(scene, run) > 0 && OrderOf(scene, run) < scene.Machine.PmdOrder)),
        Collapse("collapse after a split", "MADV_COLLAPSE copies a folio of the PMD order that entries map.", scene => Done(scene) && Replaced(scene, run => OrderOf(scene, run) == scene.Machine.PmdOrder)),
        Collapse("collapse fills holes", "MADV_COLLAPSE fills pages that nothing mapped with zeroes.", scene => Done(scene) && Rss(scene.After, scene) > Rss(scene.Before, scene)),
        Collapse("collapse of zero pages", "MADV_COLLAPSE puts a PMD mapping in the place of the zero page.", scene => Done(scene) && Replaced(scene, run => run.IsZeroPage)),
        Collapse("collapse of shared pages", "MADV_COLLAPSE copies pages that another process maps too.", scene =>
            Done(scene) && Replaced(scene, run => !run.IsZeroPage && scene.Before.Sharers(run.Folio) >= 2)),
        Collapse("collapse in locked memory", "MADV_COLLAPSE makes an mlocked folio.", scene => Done(scene) && Replaced(scene, run => (scene.Before.Vmas[run.Vma].Flags & VmaFlags.Locked) != 0)) with
        { FollowsFrom = "mlocked large folio", Favoured = ["madvise COLLAPSE"] },
        Collapse("collapse in memory without rights to write", "MADV_COLLAPSE makes a PMD mapping that is not writable.", scene =>
            Done(scene) && Replaced(scene, run => (scene.Before.Vmas[run.Vma].Protection & Protection.Write) == 0)),
        Collapse("collapse of two blocks", "One MADV_COLLAPSE makes two folios.", scene => Rise(scene) >= 2),
        Collapse("collapse goes on after a referenced page", "MADV_COLLAPSE leaves a block with a page that somebody refers to, and makes a folio of another.", scene =>
            Done(scene) && scene.Outcome == Outcome.Error(Errno.EAGAIN)) with
        { FollowsFrom = "collapse of two blocks", Favoured = ["get", "madvise COLLAPSE"] },
        Collapse("collapse goes on after a protected entry", "MADV_COLLAPSE leaves a block with an entry that userfaultfd write-protects, and makes a folio of another.", scene =>
            Done(scene) && scene.Outcome == Outcome.Error(Errno.EINVAL) && Meets(scene, run => (run.Bits & PteBits.UffdWp) != 0) && Replaced(scene, _ => true)) with
        { FollowsFrom = "collapse of two blocks", Favoured = ["uffd_wp", "madvise COLLAPSE"] },
        Collapse("collapse given up at a guard marker", "MADV_COLLAPSE allocates a folio and gives it back because of a guard marker.", scene =>
            Done(scene) && scene.Outcome == Outcome.Error(Errno.EINVAL) && scene.Before.HasGuard(scene.Operation.Process, scene.Operation.Address, scene.Operation.End)),
        Collapse("collapse without memory", "MADV_COLLAPSE gets no folio.", scene => scene.After.Machine.CollapseAllocFailed > scene.Before.Machine.CollapseAllocFailed),
        Collapse("collapse in place", "MADV_COLLAPSE, with an extension, maps a folio by a PMD where it is.", scene =>
            scene.After.Machine.CollapseAlloc == scene.Before.Machine.CollapseAlloc && scene.EntryBefore is { IsPmd: false, IsZeroPage: false } before
            && scene.EntryAfter is { IsPmd: true } after && scene.FolioBefore(before).State.Order == scene.Machine.PmdOrder && scene.Before.FrameOf(before) == scene.After.FrameOf(after)) with
        { PromisedOn = [MachineChoice.Default] , FollowsFrom = "access looked for", Favoured = ["madvise COLLAPSE"] },
        Collapse("collapse in place of a shared folio", "MADV_COLLAPSE, with an extension, maps a folio by a PMD where it is that another process maps too.", scene =>
            scene.After.Machine.CollapseAlloc == scene.Before.Machine.CollapseAlloc && scene.EntryBefore is { IsPmd: false, IsZeroPage: false } before
            && scene.EntryAfter is { IsPmd: true } after && scene.Before.FrameOf(before) == scene.After.FrameOf(after) && scene.Before.Sharers(before.Folio) >= 2) with
        { PromisedOn = [MachineChoice.Default], FollowsFrom = "collapse in place", Favoured = ["fork", "madvise COLLAPSE"] },
        Collapse("collapse by migration", "MADV_COLLAPSE, with an extension, makes a folio of pages that lie where it is going to be.", scene =>
            scene.After.Machine.CollapseAlloc == scene.Before.Machine.CollapseAlloc && scene.EntryAfter is { IsPmd: true }
            && Replaced(scene, run => !run.IsZeroPage && OrderOf(scene, run) == 0)) with
        { PromisedOn = [MachineChoice.Default], FollowsFrom = "collapse of small pages", Favoured = ["madvise COLLAPSE"] },
        new StepFeature("khugepaged makes a folio", "khugepaged puts a PMD mapping in the place of entries.", [Khugepaged], Done),
        new StepFeature("khugepaged fills holes", "khugepaged fills pages that nothing mapped with zeroes.", [Khugepaged], scene => Done(scene) && Rss(scene.After, scene) > Rss(scene.Before, scene)) with
        { FollowsFrom = "khugepaged makes a folio", Favoured = ["khugepaged", "madvise DONTNEED"] },
        new StepFeature("khugepaged takes shared pages", "khugepaged copies pages that another process maps too.", [Khugepaged], scene =>
            Done(scene) && Block(scene, run => !run.IsZeroPage && scene.Before.Sharers(run.Folio) >= 2)) with
        { FollowsFrom = "khugepaged makes a folio", Favoured = ["khugepaged", "fork"] },
        new StepFeature("khugepaged takes zero pages", "khugepaged puts a PMD mapping in the place of the zero page and of others.", [Khugepaged], scene => Done(scene) && Block(scene, run => run.IsZeroPage)) with
        { FollowsFrom = "khugepaged makes a folio", Favoured = ["khugepaged", "read"] },
    ];

    private static StepFeature Collapse(string name, string description, StepSight sees) => new(name, description, [Madvise], scene => scene.Advises(Advice.Collapse) && sees(scene));

    private static bool Done(Scene scene) => Rise(scene) > 0;

    private static long Rise(Scene scene) => scene.After.Machine.CollapseAlloc - scene.Before.Machine.CollapseAlloc;

    private static long Rss(MemoryState state, Scene scene) => state.Processes.Find(process => process.Number == scene.Operation.Process).RssAnon;

    private static int OrderOf(Scene scene, in PteRun run) => run.IsZeroPage ? -1 : scene.FolioBefore(run).State.Order;

    private static bool Meets(Scene scene, Predicate<PteRun> sees) => scene.Before.Runs.Exists(run =>
        run.Process == scene.Operation.Process && run.Page < scene.Operation.End && scene.Operation.Address < run.End && sees(run));

    /// <summary>Whether entries of the range, of some kind, gave way to a PMD mapping.</summary>
    private static bool Replaced(Scene scene, Predicate<PteRun> sees) => Meets(scene, run =>
        !run.IsPmd && scene.After.Find(run.Process, Math.Max(run.Page, scene.Operation.Address)) is { IsPmd: true } && sees(run));

    /// <summary>Whether the block around the operation's page had entries of some kind.</summary>
    private static bool Block(Scene scene, Predicate<PteRun> sees)
    {
        int table = scene.Machine.EntriesPerTable;
        long block = scene.Operation.Address / table * table;
        return scene.Before.Runs.Exists(run => run.Process == scene.Operation.Process && run.Page < block + table && block < run.End && sees(run));
    }
}
