using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>Guard markers, userfaultfd's write-protection and soft-dirty bits in and around large folios (SPECIFICATION.md 17.16 to 17.18).</summary>
public static class MarkFeatures
{
    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new StepFeature("guard over a part of a folio", "Guard markers replace some pages of a large folio.", [Madvise], scene =>
            scene.Advises(Advice.GuardInstall) && (scene.Cuts & (BatchCuts.RangeStart | BatchCuts.RangeEnd)) != 0),
        new StepFeature("guard over a shared folio", "Guard markers replace pages of a large folio that another process maps too.", [Madvise], scene =>
            scene.Advises(Advice.GuardInstall) && AnyRunBefore(scene, run => scene.Before.Folios[run.Folio].State.Order > 0 && scene.Before.Sharers(run.Folio) >= 2)),
        new StepFeature("guard taken from beside a folio", "Guard markers are taken away that lay right beside a page of a large folio.", [Madvise], scene =>
            scene.Advises(Advice.GuardRemove) && GuardBesideFolio(scene)) with
        { FollowsFrom = "guard over a part of a folio", Favoured = ["madvise GUARD_REMOVE"] },
        new StepFeature("guard moved", "An mremap moves guard markers.", [Mremap], scene =>
            scene.Outcome == Outcome.Ok && scene.Before.HasGuard(scene.Operation.Process, scene.Operation.Address, scene.Operation.End)
            && (scene.Operation.MremapFlags & MremapFlags.Fixed) != 0),
        new StepFeature("zap keeps guard markers", "MADV_DONTNEED unmaps pages and leaves guard markers among them.", [Madvise], scene =>
            scene.Advises(Advice.DontNeed) && scene.After.HasGuard(scene.Operation.Process, scene.Operation.Address, scene.Operation.End)),
        new FolioFeature("write-protected in part", "userfaultfd write-protects some entries of a large folio and not others.", (_, in folio) => folio.Differ(PteBits.UffdWp)),
        new FolioFeature("write-protected and shared", "userfaultfd write-protects entries of a large folio that two processes map.", (_, in folio) =>
            (folio.SomeBits & PteBits.UffdWp) != 0 && folio.Sharers >= 2),
        new FolioFeature("write-protected and straddling", "userfaultfd write-protects entries of a large folio that straddles two leaf tables.", (_, in folio) =>
            (folio.SomeBits & PteBits.UffdWp) != 0 && (folio.Place & FolioPlace.TwoTables) != 0),
        new StepFeature("protection ends inside a folio", "userfaultfd's write-protection is put on a part of a large folio.", [UffdWriteProtect], scene =>
            scene.Operation.Protects && (scene.Cuts & (BatchCuts.RangeStart | BatchCuts.RangeEnd)) != 0),
        new StepFeature("resolved and writable again", "A resolved protection makes AnonExclusive pages of a large folio writable at once.", [UffdWriteProtect], scene =>
            !scene.Operation.Protects && Resolved(scene, writable: true)) with
        { FollowsFrom = "write-protected in part", Favoured = ["uffd_wp"] },
        new StepFeature("resolved and still read-only", "A resolved protection leaves pages of a large folio read-only because they are shared.", [UffdWriteProtect], scene =>
            !scene.Operation.Protects && Resolved(scene, writable: false)) with
        { FollowsFrom = "write-protected and shared", Favoured = ["uffd_wp"] },
        new StepFeature("store stopped in the middle of a range", "Stores into a range change some pages before userfaultfd stops them.", [WriteRange], scene =>
            scene.Outcome.Kind == OutcomeKind.BusError && scene.Outcome.Value > 0),
        new StepFeature("left-over protection", "An entry is write-protected by userfaultfd in memory that is not registered any more.", [Mremap, Mprotect, OperationKind.Mmap, Write], scene =>
            scene.After.Runs.Exists(run => (run.Bits & PteBits.UffdWp) != 0 && (scene.After.Vmas[run.Vma].Flags & VmaFlags.UffdWp) == 0)),
        new FolioFeature("soft-dirty in part", "Some entries of a large folio are soft-dirty and others are not.", (scene, in folio) =>
            scene.Machine.SoftDirty && folio.Differ(PteBits.SoftDirty)),
        new FolioFeature("dirty in part", "Some entries of a large folio are dirty and others are not.", (_, in folio) => folio.Differ(PteBits.Dirty)),
        new FolioFeature("writable in part", "Some entries of a large folio are writable and others are not.", (_, in folio) => folio.Differ(PteBits.Writable)),
        new StepFeature("soft-dirty bits taken from a shared folio", "clear_refs takes the soft-dirty bits of a large folio that another process maps too.", [ClearSoftDirty], scene =>
            AnyOf(scene, run => scene.Before.Folios[run.Folio].State.Order > 0 && scene.Before.Sharers(run.Folio) >= 2 && (run.Bits & PteBits.SoftDirty) != 0)),
        new StepFeature("soft-dirty bits left on pinned pages", "clear_refs leaves the soft-dirty bits of a pinned large folio.", [ClearSoftDirty], scene =>
            scene.After.Runs.Exists(run => run.Process == scene.Operation.Process && !run.IsZeroPage && (run.Bits & PteBits.SoftDirty) != 0
                && scene.After.Folios[run.Folio].State is { Order: > 0, Pins: > 0 })) with
        { FollowsFrom = "soft-dirty in part", Favoured = ["pin", "clear_soft_dirty"] },
    ];

    private static bool AnyOf(Scene scene, Predicate<PteRun> sees)
    {
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process == scene.Operation.Process && !run.IsZeroPage && sees(run))
                return true;
        }
        return false;
    }

    private static bool AnyRunBefore(Scene scene, Predicate<PteRun> sees) =>
        AnyOf(scene, run => run.Page < scene.Operation.End && scene.Operation.Address < run.End && sees(run));

    private static bool GuardBesideFolio(Scene scene)
    {
        foreach (GuardRun guard in scene.Before.Guards)
        {
            if (guard.Process != scene.Operation.Process || guard.Page >= scene.Operation.End || scene.Operation.Address >= guard.End)
                continue;
            if (AnyOf(scene, run => scene.Before.Folios[run.Folio].State.Order > 0 && (run.End == guard.Page || run.Page == guard.End)))
                return true;
        }
        return false;
    }

    private static bool Resolved(Scene scene, bool writable)
    {
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process != scene.Operation.Process || run.IsZeroPage || (run.Bits & PteBits.UffdWp) == 0 || run.Page >= scene.Operation.End || scene.Operation.Address >= run.End
                || scene.Before.Folios[run.Folio].State.Order == 0)
                continue;
            long page = Math.Max(run.Page, scene.Operation.Address);
            if (scene.After.Find(run.Process, page) is not PteRun now || (now.Bits & PteBits.UffdWp) != 0)
                continue;
            bool exclusive = scene.After.IsExclusive(scene.After.Folios[now.Folio], now.Index);
            if (writable ? (now.Bits & PteBits.Writable) != 0 : !exclusive && (now.Bits & PteBits.Writable) == 0)
                return true;
        }
        return false;
    }
}
