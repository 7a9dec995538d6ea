using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What locking must leave alone, and what it must bring about (SPECIFICATION.md 6.6, 17.15).</summary>
public static class LockProperties
{
    /// <summary>
    /// 41 (VMA part): munlock and mlock_onfault change no translation, no counter and no AnonExclusive; mlock neither takes a page away nor changes one that it
    /// need not make writable; after it succeeded every page is there, writable where the VMA allows stores.
    /// </summary>
    public static string? ChangesNoTranslation(in Step step, Premise premise)
    {
        OperationKind kind = step.Operation.Kind;
        bool only = kind is OperationKind.Munlock or OperationKind.MlockOnFault;
        if (!only && kind != OperationKind.Mlock || step.Outcome.Kind == OutcomeKind.NoProcess)
            return null;
        foreach (PteRun run in step.Before.Runs)
        {
            if (run.Process == step.Operation.Process && run.Page < step.Operation.End && step.Operation.Address < run.End)
                premise.Holds();
        }
        if (only)
            return new Mask { Ignore = Ignore.Vmas | Ignore.Mlocks | Ignore.PmdForm }.Difference(step.Before, step.After);
        return LostOrMoved(step) ?? (step.Outcome == Outcome.Ok ? Missing(step) : null);
    }

    private const PteBits Touched = PteBits.Young | PteBits.Dirty | PteBits.SoftDirty;

    private static string? LostOrMoved(in Step step)
    {
        foreach (PteRun run in step.Before.Runs)
        {
            bool allowsStores = (step.Before.Vmas[run.Vma].Protection & Protection.Write) != 0;
            bool mayMove = run.Process == step.Operation.Process && allowsStores && (run.Bits & PteBits.Writable) == 0;
            for (int i = 0; i < run.Count; i++)
            {
                long page = run.Page + i;
                PteRun before = run with { Page = page, Count = 1, Index = run.IsZeroPage ? 0 : run.Index + i };
                if (step.After.Find(run.Process, page) is not PteRun after)
                    return $"process {run.Process} page 0x{page:x} is not mapped any more";
                // A PMD mapping is made writable, or split, as a whole.
                int block = before.IsPmd ? step.Machine.EntriesPerTable : 1;
                bool inRange = page / block * block < step.Operation.End && step.Operation.Address < (page / block * block) + block;
                // Populating touches what a PMD maps, and lazy zeroing ends when all pages were asked for.
                bool touched = inRange && allowsStores && before.IsPmd && after.IsPmd && step.After.FrameOf(after) == step.Before.FrameOf(before);
                bool zeroed = inRange && (step.Machine.Extensions & Extensions.LazyZeroing) != 0 && step.After.FrameOf(after) == step.Before.FrameOf(before);
                // Populating one page lets accesses through again to all of its folio that the table maps.
                bool hinted = (before.Bits & PteBits.ProtNone) != 0 && step.Before.Vmas[run.Vma].Protection != Protection.None;
                bool restored = hinted && (after.Bits & PteBits.ProtNone) == 0 && step.After.FrameOf(after) == step.Before.FrameOf(before);
                if (zeroed || restored || touched && (after.Bits | Touched) == (before.Bits | Touched))
                    continue;
                bool inLazyBlock = (step.Machine.Extensions & Extensions.LazyZeroing) != 0 && after.IsPmd && !before.IsPmd;
                if (!(mayMove && inRange) && !inLazyBlock && (!after.WithoutSmear(step.Machine, before).HasBitsOf(before) || step.After.FrameOf(after) != step.Before.FrameOf(before)))
                    return $"process {run.Process} page 0x{page:x} was {before.Bits} and is {after.Bits}, or its frame changed";
            }
        }
        return null;
    }

    private static string? Missing(in Step step)
    {
        // A length that wraps is 0.
        if (step.Operation.Length >= Machine.LengthWrapsPages)
            return null;
        for (long page = step.Operation.Address; page < step.Operation.End; page++)
        {
            if (step.After.FindVma(step.Operation.Process, page) is not VmaView vma || (vma.Flags & VmaFlags.Locked) == 0)
                return $"page 0x{page:x} lies in no locked VMA";
            if (step.After.Find(step.Operation.Process, page) is not PteRun entry)
                return $"page 0x{page:x} is locked, but not there";
            if ((vma.Protection & Protection.Write) != 0 && (entry.Bits & PteBits.Writable) == 0)
                return $"page 0x{page:x} is locked, but a store would have to fault";
        }
        return null;
    }
}
