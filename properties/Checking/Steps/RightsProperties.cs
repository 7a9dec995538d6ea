using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What mprotect and mremap must leave as it is (SPECIFICATION.md 12).</summary>
public static class RightsProperties
{
    /// <summary>42: mprotect moves no page and changes no counter; exactly AnonExclusive pages are writable at once where stores are allowed.</summary>
    public static string? MovesNothing(in Step step, Premise premise)
    {
        Operation operation = step.Operation;
        if (operation.Kind != OperationKind.Mprotect || step.Outcome.Kind == OutcomeKind.NoProcess || Populates(step))
            return null;
        var same = new Mask { Ignore = Ignore.WriteRights | Ignore.YoungDirty | Ignore.Vmas | Ignore.PmdForm };
        if (same.Difference(step.Before, step.After) is string wrong)
            return wrong;
        foreach (PteRun run in step.After.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                long page = run.Page + i;
                if (run.IsZeroPage || run.Process != operation.Process || page < operation.Address || page >= operation.End)
                    continue;
                premise.Holds();
                FolioView folio = step.After.Folios[run.Folio];
                if (step.Before.Find(run.Process, page) is not PteRun before || Exclusive(step.Before, before) != step.After.IsExclusive(folio, run.MarkedPage(i)))
                    return $"page 0x{page:x}: AnonExclusive changed";
                Protection protection = step.After.Vmas[run.Vma].Protection;
                bool none = (run.Bits & PteBits.ProtNone) != 0;
                bool hinted = (before.Bits & PteBits.ProtNone) != 0 && step.Before.Vmas[before.Vma].Protection == protection;
                if (hinted)
                    continue;
                if (none != (protection == Protection.None))
                    return $"page 0x{page:x}: rights {OperationText.NameOf(protection)}, but the entry is {run.Bits}";
                VmaView vma = step.After.Vmas[run.Vma];
                bool watched = (run.Bits & PteBits.UffdWp) != 0 && (vma.Flags & VmaFlags.UffdWp) != 0;
                VmaView oldVma = step.Before.Vmas[before.Vma];
                bool tracked = step.Machine.SoftDirty && (run.Bits & PteBits.SoftDirty) == 0 && (vma.Flags & VmaFlags.SoftDirty) == 0;
                // A VMA that was joined on the way may have begun, or ceased, to ask single entries.
                bool changed = oldVma.Protection != protection && ((oldVma.Flags ^ vma.Flags) & VmaFlags.SoftDirty) == 0;
                bool writable = (run.Bits & PteBits.Writable) != 0;
                bool expected = step.After.IsExclusive(folio, run.MarkedPage(i)) && (protection & Protection.Write) != 0 && !watched && !tracked;
                if (changed && writable != expected)
                    return $"page 0x{page:x}: {(writable ? "writable" : "not writable")}, though {(expected ? "" : "not ")}AnonExclusive under rights {OperationText.NameOf(protection)}";
            }
        }
        return null;
    }

    /// <summary>Locked memory that may be written to from now on is populated, too.</summary>
    private static bool Populates(in Step step)
    {
        if ((step.Operation.Protection & Protection.Write) == 0)
            return false;
        foreach (VmaView vma in step.Before.Vmas)
        {
            bool inRange = vma.Process == step.Operation.Process && vma.Start < step.Operation.End && step.Operation.Address < vma.End;
            if (inRange && (vma.Flags & (VmaFlags.Locked | VmaFlags.LockOnFault)) == VmaFlags.Locked && (vma.Protection & Protection.Write) == 0)
                return true;
        }
        return false;
    }

    /// <summary>
    /// 43: a moved range has the same entries, in the same order, at the new place, without write-protection by userfaultfd and soft-dirty; no counter of any
    /// folio changes.
    /// </summary>
    public static string? KeepsEveryEntry(in Step step, Premise premise)
    {
        Operation operation = step.Operation;
        bool moves = operation.Kind == OperationKind.Mremap && step.Outcome == Outcome.Ok && (operation.MremapFlags & MremapFlags.Fixed) != 0;
        if (!moves)
            return null;
        long distance = operation.NewAddress - operation.Address;
        long end = operation.Address + Math.Min(operation.Length, operation.NewLength);
        foreach (PteRun run in step.Before.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                PteRun before = run with { Page = run.Page + i, Count = 1, Index = run.IsZeroPage ? 0 : run.Index + i };
                if (run.Process != operation.Process || before.Page < operation.Address || before.Page >= end)
                    continue;
                premise.Holds();
                if (step.After.Find(run.Process, before.Page + distance) is not PteRun after)
                    return $"page 0x{before.Page:x} is not mapped at 0x{before.Page + distance:x}";
                if (!IsMoved(step, before, after) || step.After.FrameOf(after) != step.Before.FrameOf(before))
                    return $"page 0x{before.Page:x} was {before.Bits} and is {after.Bits} at 0x{after.Page:x}, or its frame changed";
                if (step.After.Find(run.Process, before.Page) is not null)
                    return $"page 0x{before.Page:x} is still mapped at the old place";
                if (!before.IsZeroPage && before.IsPmd == after.IsPmd && !SameFolio(step, before, after))
                    return $"page 0x{before.Page:x}: a counter of its folio changed";
            }
        }
        return null;
    }

    /// <summary>Whether an entry is what the move makes of one. A table that moved whole, or a PMD mapping that was split, has soft-dirty bits of its own.</summary>
    private static bool IsMoved(in Step step, in PteRun before, in PteRun after)
    {
        bool watched = (step.Before.Vmas[before.Vma].Flags & VmaFlags.UffdWp) != 0;
        PteRun expected = before with { Bits = watched ? before.Bits & ~PteBits.UffdWp : before.Bits };
        if (step.Machine.SoftDirty && (after.Bits & PteBits.SoftDirty) != 0)
            expected = expected with { Bits = expected.Bits | PteBits.SoftDirty };
        bool mayKeep = !step.Machine.SoftDirty || (after.Page - before.Page) % step.Machine.EntriesPerTable == 0;
        return after.WithoutSmear(step.Machine, before).HasBitsOf(expected) && (mayKeep || (after.Bits & PteBits.SoftDirty) != 0);
    }

    private static bool SameFolio(in Step step, in PteRun before, in PteRun after)
    {
        FolioState old = step.Before.Folios[before.Folio].State;
        FolioState now = step.After.Folios[after.Folio].State;
        // What the destination held may have been pages of the same folio: their loss is no fault of the move.
        bool overwritten = old.Mapcount != now.Mapcount;
        return overwritten || old == now with { Id = old.Id };
    }

    private static bool Exclusive(MemoryState state, in PteRun entry) => !entry.IsZeroPage && state.IsExclusive(state.Folios[entry.Folio], entry.MarkedPage(0));
}
