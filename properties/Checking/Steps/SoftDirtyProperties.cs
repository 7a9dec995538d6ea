using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What soft-dirty bits promise (SPECIFICATION.md 17.18).</summary>
public static class SoftDirtyProperties
{
    /// <summary>73: a page that a process stored to since it last asked to forget it is soft-dirty there, by its entry or its VMA; children inherit that.</summary>
    public static StepCheck NoStoreIsLost()
    {
        var stored = new SortedSet<(int Process, long Page)>();
        return (in Step step, Premise premise) =>
        {
            // The quirk is that what is joined with memory that tracks single pages forgets that all of it was written.
            if (!step.Machine.SoftDirty || (step.Machine.Quirks & Quirks.MergeDropsSoftDirty) != 0)
                return null;
            NoteStores(step, stored);
            MemoryState after = step.After;
            stored.RemoveWhere(page => after.Find(page.Process, page.Page) is not PteRun entry || entry.IsZeroPage);
            foreach ((int process, long page) in stored)
            {
                PteRun entry = after.Find(process, page)!.Value;
                if ((after.Vmas[entry.Vma].Flags & VmaFlags.SoftDirty) != 0)
                    continue;
                premise.Holds();
                if ((entry.Bits & PteBits.SoftDirty) == 0)
                    return $"process {process} page 0x{page:x} was stored to, but does not say so: {entry.Bits}";
            }
            return null;
        };
    }

    private static void NoteStores(in Step step, SortedSet<(int Process, long Page)> stored)
    {
        Operation operation = step.Operation;
        bool partly = step.Outcome.Kind is OutcomeKind.BusError or OutcomeKind.OutOfMemory;
        if (step.Outcome != Outcome.Ok && !partly)
            return;
        switch (operation.Kind)
        {
            case OperationKind.ClearSoftDirty:
                stored.RemoveWhere(page => page.Process == operation.Process);
                break;
            case OperationKind.Mremap:
                // A table that moves whole brings its own bits.
                stored.RemoveWhere(page => page.Process == operation.Process && page.Page >= operation.NewAddress && page.Page - operation.NewAddress < operation.NewLength);
                break;
            case OperationKind.Write or OperationKind.WriteRange or OperationKind.ForceWrite:
                for (long page = operation.Address; page < (partly ? operation.Address + step.Outcome.Value : operation.End); page++)
                {
                    if (!IsLeftAlone(step.Before, operation.Process, page))
                        stored.Add((operation.Process, page));
                }
                break;
            case OperationKind.Fork when !partly:
                stored.UnionWith([.. stored.Where(page => page.Process == operation.Process).Select(page => (operation.Child, page.Page))]);
                break;
        }
    }

    /// <summary>
    /// clear_soft_dirty leaves the writable entry of a pinned page alone (78: of no other) even if it is not soft-dirty, as an unshared one may be. Stores through it
    /// are not noted by anybody, also when the pin is gone.
    /// </summary>
    private static bool IsLeftAlone(MemoryState state, int process, long page) =>
        state.Find(process, page) is PteRun entry && (entry.Bits & (PteBits.Writable | PteBits.SoftDirty)) == PteBits.Writable;

    /// <summary>78: after clear_soft_dirty no VMA of the process says that all of it was written, and no entry is soft-dirty or writable but those of pinned pages.</summary>
    public static string? ForgetsAll(in Step step, Premise premise)
    {
        if (step.Operation.Kind != OperationKind.ClearSoftDirty || step.Outcome != Outcome.Ok || !step.Machine.SoftDirty)
            return null;
        foreach (VmaView vma in step.After.Vmas)
        {
            if (vma.Process == step.Operation.Process && (vma.Flags & VmaFlags.SoftDirty) != 0)
                return $"vma 0x{vma.Start:x} still counts as written";
        }
        foreach (PteRun run in step.After.Runs)
        {
            if (run.Process != step.Operation.Process)
                continue;
            premise.Holds();
            bool pinned = !run.IsZeroPage && ForkProperties.MayBePinned(step.After.Folios[run.Folio].State);
            if ((run.Bits & (PteBits.SoftDirty | PteBits.Writable)) != 0 && !pinned)
                return $"page 0x{run.Page:x} is still {run.Bits}";
        }
        return new Mask { Ignore = Ignore.WriteRights | Ignore.SoftDirty | Ignore.Vmas }.Difference(step.Before, step.After);
    }
}
