using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Folded blocks of entries, and what descriptors must never forget (SPECIFICATION.md 7, 17.28).</summary>
public static class ContpteProperties
{
    /// <summary>
    /// 24: in a block all entries are contiguous or none is; contiguous entries are valid, map consecutive pages of one folio from an aligned frame on, and differ in
    /// nothing but their own young and dirty, whose union is what is read of each.
    /// </summary>
    public static string? FoldedBlocksAreUniform(in Step step, Premise premise)
    {
        int size = step.Machine.ContPteEntries;
        MemoryState state = step.After;
        foreach (PteRun run in state.Runs)
        {
            if (!run.IsContiguous)
            {
                if (run.Folding != PteBits.None)
                    return $"process {run.Process} page 0x{run.Page:x}: bits of a folded block, but none is";
                continue;
            }
            // Each block is looked at once, from the run that its first entry is in.
            for (long block = (run.Page + size - 1) / size * size; block < run.End; block += size)
            {
                premise.Holds();
                if (FlawOf(state, run, block, size) is string flaw)
                    return $"process {run.Process} block 0x{block:x}: {flaw}";
            }
            long begin = run.Page / size * size;
            if (state.Find(run.Process, begin) is not { IsContiguous: true })
                return $"process {run.Process} page 0x{run.Page:x} is contiguous, the first entry of its block is not";
        }
        return null;
    }

    private static string? FlawOf(MemoryState state, in PteRun run, long block, int size)
    {
        if (run.IsZeroPage || run.IsPmd || (run.Bits & PteBits.ProtNone) != 0)
            return "the zero page, a PMD mapping or an entry without rights is contiguous";
        int index = run.Index + (int)(block - run.Page);
        if ((state.Folios[run.Folio].State.Frame + index) % size != 0)
            return "its first frame is not aligned";
        PteBits union = PteBits.None;
        for (int i = 0; i < size; i++)
        {
            if (state.Find(run.Process, block + i) is not PteRun entry || entry.Folio != run.Folio || entry.Index + (int)(block + i - entry.Page) != index + i)
                return $"entry {i} does not go on with the folio";
            if (!entry.IsContiguous || entry.Bits != run.Bits)
                return $"entry {i} is {entry.Bits}, contiguous {entry.IsContiguous}; the first one is {run.Bits}";
            union |= entry.Folding;
        }
        bool young = (union & PteBits.RawYoung) != 0;
        bool dirty = (union & PteBits.RawDirty) != 0;
        return young == ((run.Bits & PteBits.Young) != 0) && dirty == ((run.Bits & PteBits.Dirty) != 0) ? null : "young or dirty is not what its entries say";
    }

    /// <summary>62: what a block that stays where it is knows of accesses grows, unless it was asked to forget.</summary>
    public static string? NothingIsForgotten(in Step step, Premise premise)
    {
        bool freed = step.Operation.Kind == OperationKind.Madvise && step.Operation.Advice == Advice.Free;
        bool aged = freed || step.Operation.Kind == OperationKind.DetectAccess || step.Operation.Kind == OperationKind.Madvise && step.Operation.Advice == Advice.Cold;
        int size = step.Machine.ContPteEntries;
        (int Process, long Block) last = (-1, -1);
        foreach (PteRun run in step.Before.Runs)
        {
            for (long block = run.Page / size * size; block < run.End; block += size)
            {
                if (run.IsZeroPage || last == (run.Process, block))
                    continue;
                last = (run.Process, block);
                if (Known(step.Before, run.Process, block, size) is not ((int, int) place, PteBits before) || Known(step.After, run.Process, block, size) is not ((int, int) later, PteBits after) || place != later)
                    continue;
                premise.Holds();
                bool acts = step.Operation.Process == run.Process;
                PteBits lost = before & ~after & ((acts && aged ? PteBits.None : PteBits.Young) | (acts && freed ? PteBits.None : PteBits.Dirty));
                if (lost != PteBits.None)
                    return $"process {run.Process} block 0x{block:x} was {before} and is {after}";
            }
        }
        return null;
    }

    /// <summary>Where a block that one folio is mapped in lies, and what any of its entries knows; null if it is not mapped throughout.</summary>
    private static ((int Frame, int Count) Place, PteBits Known)? Known(MemoryState state, int process, long block, int size)
    {
        PteBits known = PteBits.None;
        int frame = -1;
        for (int i = 0; i < size; i++)
        {
            if (state.Find(process, block + i) is not PteRun entry || entry.IsZeroPage)
                return null;
            int own = (int)(state.FrameOf(entry) + (block + i - entry.Page));
            frame = i == 0 ? own : frame;
            if (own != frame + i)
                return null;
            known |= entry.Bits & (PteBits.Young | PteBits.Dirty);
        }
        return ((frame, size), known);
    }

    /// <summary>80: after an access the descriptor that it went through allows it: nobody who walks the table faults on it again.</summary>
    public static string? FaultsMakeProgress(in Step step, Premise premise)
    {
        bool store = step.Operation.Kind is OperationKind.Write or OperationKind.WriteRange;
        if (step.Outcome.Kind != OutcomeKind.Ok || !store && step.Operation.Kind != OperationKind.Read)
            return null;
        for (long page = step.Operation.Address; page < step.Operation.End; page++)
        {
            premise.Holds();
            if (step.After.Find(step.Operation.Process, page) is not PteRun entry)
                return $"page 0x{page:x} is not mapped after an access to it";
            bool young = entry.IsContiguous ? (entry.Folding & PteBits.RawYoung) != 0 : (entry.Bits & PteBits.Young) != 0;
            bool dirty = entry.IsContiguous ? (entry.Folding & PteBits.RawDirty) != 0 : (entry.Bits & PteBits.Dirty) != 0;
            if (!young || (entry.Bits & PteBits.ProtNone) != 0 || store && !(dirty && (entry.Bits & PteBits.Writable) != 0))
                return $"page 0x{page:x} was accessed, but its descriptor is {entry.Bits} {entry.Folding}";
        }
        return null;
    }

    /// <summary>81: blocks that were folded are unfolded, cleared or still there.</summary>
    public static StepCheck FoldsAddUp()
    {
        long folded = 0;
        return (in Step step, Premise premise) =>
        {
            foreach (MemoryEvent e in step.Events)
            {
                int change = e.Kind switch
                {
                    EventKind.Folded or EventKind.SetFolded => 1,
                    EventKind.Unfolded or EventKind.ClearedFolded => -1,
                    _ => 0,
                };
                folded += change;
                premise.Holds(Math.Abs(change));
            }
            long entries = 0;
            foreach (PteRun run in step.After.Runs)
                entries += run.IsContiguous ? run.Count : 0;
            return entries == folded * step.Machine.ContPteEntries ? null : $"{folded} blocks are folded by the steps, {entries} entries are contiguous";
        };
    }
}
