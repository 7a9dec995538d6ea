using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>What faults and calls make of blocks, of PMD mappings and of the huge zero page (SPECIFICATION.md 17.22).</summary>
public static class PmdCallFeatures
{
    private static readonly OperationKind[] _cutting = [Madvise, Mprotect, Mlock, MlockOnFault, Munlock, UffdRegister, UffdUnregister];

    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        Step("fault maps a folio by a PMD", "A store into an empty block maps a folio by a PMD.", [Write], scene =>
            scene.EntryBefore is null && scene.EntryAfter is { IsPmd: true, IsZeroPage: false }),
        Step("fault of a PMD falls back", "A store into an empty block gets entries because no folio of the PMD order can be had.", [Write], scene =>
            scene.EntryBefore is null && scene.EntryAfter is { IsPmd: false } && FallsBack(scene)),
        Step("table keeps a PMD away", "A store gets entries in a block that a PMD could map, were there not a table with nothing in it.", [Write], scene =>
            scene.EntryBefore is null && scene.EntryAfter is { IsPmd: false } && !FallsBack(scene) && HadNothingButATable(scene)) with
        { FollowsFrom = "table without entries", Favoured = ["write"] },
        Step("load maps the huge zero page", "A load of an empty block maps the huge zero page.", [Read], scene => scene.EntryBefore is null && scene.EntryAfter is { IsPmd: true, IsZeroPage: true }),
        Step("store replaces the huge zero page", "A store puts a folio in the place of the huge zero page.", [Write], scene =>
            scene.EntryBefore is { IsPmd: true, IsZeroPage: true } && scene.EntryAfter is { IsPmd: true, IsZeroPage: false }),
        Step("store splits the huge zero page", "A store finds the huge zero page, gets no folio of its order, and goes on with entries.", [Write, ForceWrite], scene =>
            scene.EntryBefore is { IsPmd: true, IsZeroPage: true } && scene.EntryAfter is { IsPmd: false }) with
        { FollowsFrom = "huge zero page mapped", Favoured = ["fail_allocation", "write"] },
        Step("store reuses a PMD mapping", "A store makes a read-only PMD mapping of a folio writable.", [Write], scene =>
            scene.EntryBefore is { IsPmd: true, IsZeroPage: false } before && (before.Bits & PteBits.Writable) == 0 && scene.EntryAfter is { IsPmd: true }),
        Step("store splits a shared PMD mapping", "A store splits the PMD mapping of a folio to copy one page.", [Write, ForceWrite], scene =>
            scene.EntryBefore is { IsPmd: true, IsZeroPage: false } && scene.EntryAfter is { IsPmd: false }),
        Step("store splits a PMD mapping that is alone", "A store splits a PMD mapping that is the only one, because somebody refers to the folio.", [Write], scene =>
            scene.EntryBefore is { IsPmd: true, IsZeroPage: false } before && scene.EntryAfter is { IsPmd: false } && scene.Before.Sharers(before.Folio) == 1) with
        { FollowsFrom = "PMD mapping alone and not exclusive", Favoured = ["get", "write"] },
        Step("forced store through a PMD", "A store by force writes through the PMD mapping of a folio.", [ForceWrite], scene => scene.EntryBefore is { IsPmd: true, IsZeroPage: false } && scene.EntryAfter is { IsPmd: true }),
        Step("read pin splits a PMD mapping", "A pin for reading splits a shared PMD mapping to take one page for itself.", [PinRead, ReadRemote], Splits) with
        { FollowsFrom = "PMD mapping shared by two", Favoured = ["pin_read"] },
        Step("pin splits a PMD mapping", "A pin for writing splits a shared PMD mapping to copy a page.", [Pin], Splits) with
        { FollowsFrom = "PMD mapping shared by two", Favoured = ["pin"] },
        Step("pin faults in a PMD", "A pin for writing maps a folio by a PMD.", [Pin], scene => scene.EntryBefore is null && scene.EntryAfter is { IsPmd: true, IsZeroPage: false }),
        Step("fork shares a PMD mapping", "A fork maps a folio by a PMD of the child.", [Fork], scene => Child(scene, run => !run.IsZeroPage)),
        Step("fork inherits the huge zero page", "A fork maps the huge zero page by a PMD of the child.", [Fork], scene => Child(scene, run => run.IsZeroPage)),
        Step("fork splits a pinned PMD mapping", "A fork splits the PMD mapping of a pinned folio and copies it page by page.", [Fork], Splits) with
        { FollowsFrom = "pinned under a PMD", Favoured = ["fork"] },
        Step("fork copies a table without entries", "A fork gives the child tables beyond those of the entries that it copies.", [Fork], scene =>
            Succeeds(scene) && !scene.After.Runs.Exists(run => run.Process == scene.Operation.Child) && scene.After.Processes.Exists(process =>
                process.Number == scene.Operation.Child && process.PageTables > 0)) with
        { FollowsFrom = "table without entries", Favoured = ["fork"] },
        Step("zap of a PMD mapping", "MADV_DONTNEED unmaps a folio that a PMD maps.", [Madvise], scene =>
            scene.Advises(Advice.DontNeed, Advice.DontNeedLocked) && !Splits(scene) && scene.EntryBefore is { IsPmd: true, IsZeroPage: false } && scene.EntryAfter is null),
        Step("zap of a part splits a PMD mapping", "MADV_DONTNEED of a part of a block splits its PMD mapping.", [Madvise], scene => scene.Advises(Advice.DontNeed, Advice.DontNeedLocked) && Splits(scene)),
        Step("zap frees a table", "MADV_DONTNEED of a whole block frees its table.", [Madvise], scene => scene.Advises(Advice.DontNeed) && LosesTable(scene)),
        Step("partially mapped when the last PMD mapping goes", "The last PMD mapping of a folio goes, and entries elsewhere map a part of it only.", [Munmap, Madvise, Exit, OperationKind.Mmap, Mremap], PartialWithoutSplit) with
        { FollowsFrom = "by a PMD here, a part of it there", Favoured = ["exit", "munmap", "madvise DONTNEED"] },
        Step("border splits a PMD mapping", "A call that changes a part of a VMA splits a PMD mapping.", _cutting, scene => !scene.Advises(Advice.DontNeed, Advice.Free) && !scene.Advises(Advice.Cold, Advice.GuardInstall) && Splits(scene)),
        Step("border splits the huge zero page", "A call leaves entries of the zero page where a PMD mapped the huge one.", [.. _cutting, Munmap, Mremap], scene => Splits(scene) && HugeZeroBecomesEntries(scene)),
        Step("mprotect of a PMD mapping", "An mprotect changes the bits of a PMD mapping, which stays one.", [Mprotect], scene =>
            scene.EntryBefore is { IsPmd: true, IsZeroPage: false } before && scene.EntryAfter is { IsPmd: true } after && before.Bits != after.Bits),
        Step("mprotect leaves a PMD mapping read-only", "Rights to write are given to a PMD mapping that stays read-only because it is shared.", [Mprotect], scene =>
            (scene.Operation.Protection & Protection.Write) != 0 && scene.EntryAfter is { IsPmd: true, IsZeroPage: false } after && (after.Bits & PteBits.Writable) == 0) with
        { FollowsFrom = "PMD mapping shared by two", Favoured = ["mprotect"] },
        Step("userfaultfd protects a PMD mapping", "userfaultfd's write-protection is put on a PMD mapping of a folio.", [UffdWriteProtect], scene =>
            scene.Operation.Protects && scene.EntryAfter is { IsPmd: true, IsZeroPage: false } after && (after.Bits & PteBits.UffdWp) != 0),
        Step("userfaultfd lets a PMD mapping go", "userfaultfd's write-protection is taken from a PMD mapping of a folio.", [UffdWriteProtect], scene =>
            !scene.Operation.Protects && scene.EntryBefore is { IsPmd: true } before && (before.Bits & PteBits.UffdWp) != 0 && scene.EntryAfter is { IsPmd: true }) with
        { FollowsFrom = "PMD mapping write-protected by userfaultfd", Favoured = ["uffd_wp"] },
        Step("protection of a part splits a PMD mapping", "userfaultfd's write-protection of a part of a block splits its PMD mapping.", [UffdWriteProtect], Splits),
        Step("PMD mapping moved", "An mremap moves a PMD mapping as it is.", [Mremap], scene => Moves(scene, (before, after) => before.IsPmd && after.IsPmd)),
        Step("protected PMD mapping moved", "An mremap takes userfaultfd's protection from a PMD mapping on its way.", [Mremap], scene =>
            Moves(scene, (before, after) => before.IsPmd && after.IsPmd && (before.Bits & PteBits.UffdWp) != 0 && (after.Bits & PteBits.UffdWp) == 0)) with
        { FollowsFrom = "PMD mapping write-protected by userfaultfd", Favoured = ["mremap"] },
        Step("move splits a PMD mapping", "An mremap splits a PMD mapping.", [Mremap], Splits),
        Step("table moved", "An mremap moves a table as a whole.", [Mremap], scene =>
            MovesFromBlockStart(scene) && Moves(scene, (before, after) => !before.IsPmd && !after.IsPmd)),
        Step("tables moved from the middle of a block", "An mremap moves memory that begins in a block as far behind its start as at its destination.", [Mremap], scene =>
            scene.Operation.Address % scene.Machine.EntriesPerTable != 0 && (scene.Operation.Address - scene.Operation.NewAddress) % scene.Machine.EntriesPerTable == 0
            && scene.Operation.NewLength > scene.Machine.EntriesPerTable && Moves(scene, (_, _) => true)),
        Step("MADV_FREE of a PMD mapping", "MADV_FREE of a whole block marks a folio lazily freeable that stays mapped by a PMD.", [Madvise], scene =>
            scene.Advises(Advice.Free) && scene.EntryBefore is { IsPmd: true, IsZeroPage: false } && scene.EntryAfter is { IsPmd: true }),
        Step("MADV_COLD of a PMD mapping", "MADV_COLD of a whole block ages a PMD mapping.", [Madvise], scene =>
            scene.Advises(Advice.Cold) && scene.EntryBefore is { IsPmd: true, IsZeroPage: false } && scene.EntryAfter is { IsPmd: true }) with
        { FollowsFrom = "fault maps a folio by a PMD", Favoured = ["madvise COLD"] },
        Step("advice of a part splits a folio under a PMD", "MADV_FREE or MADV_COLD of a part of a block splits the folio that its PMD maps.", [Madvise], scene =>
            scene.Advises(Advice.Free, Advice.Cold) && scene.EntryBefore is { IsPmd: true, IsZeroPage: false } && scene.EntryAfter is { IsPmd: false }) with
        { FollowsFrom = "fault maps a folio by a PMD", Favoured = ["madvise FREE", "madvise COLD"] },
        Step("mlock of a PMD mapping", "An mlock locks a folio that a PMD maps.", [Mlock, MlockOnFault], scene =>
            scene.EntryAfter is { IsPmd: true, IsZeroPage: false } after && scene.After.Folios[after.Folio].State.Mlocked && scene.EntryBefore is { IsPmd: true }),
        Step("soft-dirty bit taken from a PMD mapping", "clear_refs takes the soft-dirty bit of a PMD mapping.", [ClearSoftDirty], scene => Cleans(scene, 0)),
        Step("soft-dirty bit taken from a pinned PMD mapping", "clear_refs takes the soft-dirty bit of a PMD mapping of a pinned folio.", [ClearSoftDirty], scene => Cleans(scene, 1)) with
        { FollowsFrom = "pinned under a PMD", Favoured = ["pin", "clear_soft_dirty"] },
        Step("huge zero page freed", "The shrinker frees the huge zero page, which nobody holds any more.", [ShrinkHugeZero], scene => scene.Before.Machine.HugeZeroFrame >= 0),
        Step("huge zero page made again", "The huge zero page is made for the second time.", [Read, Get, Madvise, ForceRead, ReadRemote], scene =>
            scene.Before.Machine.ZeroPageAlloc == 1 && scene.After.Machine.ZeroPageAlloc == 2) with
        { FollowsFrom = "huge zero page freed", Favoured = ["read", "madvise DONTNEED"] },
    ];

    private static StepFeature Step(string name, string description, OperationKind[] kinds, StepSight sees) => new(name, description, kinds, sees);

    private static bool Succeeds(Scene scene) => scene.Outcome == Outcome.Ok;

    private static bool Splits(Scene scene) => scene.After.Machine.SplitPmd > scene.Before.Machine.SplitPmd;

    private static bool FallsBack(Scene scene) => scene.Rise(scene.Machine.PmdOrder, statistics => statistics.AnonFaultFallback) > 0;

    private static bool Child(Scene scene, Predicate<PteRun> sees) =>
        Succeeds(scene) && scene.After.Runs.Exists(run => run.Process == scene.Operation.Child && run.IsPmd && sees(run));

    private static long Tables(MemoryState state, int process) => state.Processes.Find(view => view.Number == process).PageTables;

    private static bool LosesTable(Scene scene) => Tables(scene.After, scene.Operation.Process) < Tables(scene.Before, scene.Operation.Process)
        && scene.Before.Runs.Exists(run => run.Process == scene.Operation.Process && !run.IsPmd && run.Page < scene.Operation.End && scene.Operation.Address < run.End);

    /// <summary>The store met no entry in its block, and yet no table is new; the VMA holds the block and may have PMDs.</summary>
    private static bool HadNothingButATable(Scene scene)
    {
        int table = scene.Machine.EntriesPerTable;
        long block = scene.Operation.Address / table * table;
        return Tables(scene.After, scene.Operation.Process) == Tables(scene.Before, scene.Operation.Process)
            && scene.Thp[scene.Machine.PmdOrder] == ThpMode.Always
            && scene.Before.FindVma(scene.Operation.Process, block) is VmaView vma && vma.End >= block + table && (vma.Flags & VmaFlags.NoHugePage) == 0
            && scene.After.Processes.Find(view => view.Number == scene.Operation.Process).ThpDisable == Vocabulary.ThpDisable.None
            && !scene.Before.Runs.Exists(run => run.Process == scene.Operation.Process && run.Page < block + table && block < run.End)
            && !scene.Before.HasGuard(scene.Operation.Process, block, block + table);
    }

    private static bool PartialWithoutSplit(Scene scene)
    {
        if (Splits(scene))
            return false;
        foreach (ref readonly FolioFacts folio in scene.Folios)
        {
            if (folio.State is { PartiallyMapped: true, EntireMapcount: 0 } && scene.Was(folio.State) is { State.EntireMapcount: > 0 })
                return true;
        }
        return false;
    }

    private static bool HugeZeroBecomesEntries(Scene scene)
    {
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process != scene.Operation.Process || !run.IsPmd || !run.IsZeroPage)
                continue;
            if (scene.After.Find(run.Process, run.Page) is { IsZeroPage: true, IsPmd: false } || scene.After.Find(run.Process, run.End - 1) is { IsZeroPage: true, IsPmd: false })
                return true;
        }
        return false;
    }

    private static bool MovesFromBlockStart(Scene scene)
    {
        int table = scene.Machine.EntriesPerTable;
        return scene.Operation.Address % table == 0 && scene.Operation.NewAddress % table == 0 && Math.Min(scene.Operation.Length, scene.Operation.NewLength) >= table;
    }

    private static bool Moves(Scene scene, Func<PteRun, PteRun, bool> sees) =>
        Succeeds(scene) && (scene.Operation.MremapFlags & MremapFlags.Fixed) != 0
        && scene.EntryBefore is { IsZeroPage: false } before && scene.After.Find(scene.Operation.Process, scene.Operation.NewAddress) is { IsZeroPage: false } after
        && scene.Before.FrameOf(before) == scene.After.FrameOf(after) && sees(before, after);

    private static bool Cleans(Scene scene, int pins) => scene.Before.Runs.Exists(run =>
        run.Process == scene.Operation.Process && run.IsPmd && !run.IsZeroPage && (run.Bits & PteBits.SoftDirty) != 0 && scene.FolioBefore(run).State.Pins >= pins);
}
