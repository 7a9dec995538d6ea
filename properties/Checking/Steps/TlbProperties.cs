using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// What CPUs may still have cached while an operation goes on: every translation that was in a table since the last invalidation that covered it (SPECIFICATION.md 7, 17.28).
/// Young is left out: it is cleared without one. So are rights that only widened: a CPU that does not know faults and looks again.
/// </summary>
public static class TlbProperties
{
    /// <summary>A translation as a CPU may have it.</summary>
    private readonly record struct Translation(int Frame, bool Writable, bool Dirty);

    /// <summary>79: when frames are freed nobody can reach them, and after each operation nobody knows more than the table says.</summary>
    public static StepCheck NothingStale() => (in Step step, Premise premise) =>
    {
        // pmdp_collapse_flush and move_normal_pmd take the whole table out before they invalidate.
        bool detaches = step.Operation.Kind is OperationKind.Khugepaged or OperationKind.Mremap || step.Operation.Kind == OperationKind.Madvise && step.Operation.Advice == Advice.Collapse;
        var tlb = new Tlb(step.Before, detaches ? step.Machine.EntriesPerTable : 0, step.Machine.Arch == Arch.Arm64 ? step.Machine.ContPteEntries : 1);
        for (int i = 0; i < step.Events.Count; i++)
        {
            MemoryEvent e = step.Events[i];
            if (e.Kind is EventKind.Folded or EventKind.Unfolded && !step.Machine.Bbml2 && !IsBreakBeforeMake(step.Events, i, step.Machine.ContPteEntries))
                return $"process {e.Process} block 0x{e.Page:x}: entries became or ceased to be contiguous without an invalidation between";
            if (tlb.Note(e, step.After) is string wrong)
                return wrong;
        }
        return tlb.FlawAfter(step.After, premise);
    };

    /// <summary>Whether a block was taken out, invalidated and put back, in this order.</summary>
    private static bool IsBreakBeforeMake(IReadOnlyList<MemoryEvent> events, int last, int size)
    {
        if (last < 3)
            return false;
        (MemoryEvent converted, MemoryEvent made, MemoryEvent flushed, MemoryEvent broken) = (events[last], events[last - 1], events[last - 2], events[last - 3]);
        bool inPlace = made.Page == converted.Page && flushed.Page == converted.Page && broken.Page == converted.Page;
        return inPlace && made.Kind == EventKind.PteStored && flushed.Kind == EventKind.Flushed && flushed.Count >= size && broken.Kind == EventKind.PteExchanged;
    }

    private sealed class Tlb
    {
        private readonly SortedDictionary<(int Process, long Page), Translation> _table = [];
        private readonly SortedDictionary<(int Process, long Page), HashSet<Translation>> _cached = [];

        private readonly int _detached;
        private readonly int _block;

        /// <summary>What CPUs may know before an operation: all that the tables say.</summary>
        /// <param name="before">The state.</param>
        /// <param name="detached">Pages of an invalidated range that says that the table before it is out of reach; 0: none does.</param>
        /// <param name="block">Entries that are cleaned together: those of a folded block.</param>
        public Tlb(MemoryState before, int detached, int block)
        {
            _block = block;
            _detached = detached;
            foreach (PteRun run in before.Runs)
            {
                if ((run.Bits & PteBits.ProtNone) != 0)
                    continue;
                for (int i = 0; i < run.Count; i++)
                {
                    int frame = run.IsZeroPage ? -1 : (int)before.FrameOf(run) + i;
                    Put((run.Process, run.Page + i), new Translation(frame, (run.Bits & PteBits.Writable) != 0, (run.Bits & PteBits.Dirty) != 0));
                }
            }
        }

        private void Put((int Process, long Page) where, Translation translation)
        {
            _table[where] = translation;
            if (!_cached.TryGetValue(where, out HashSet<Translation>? known))
                _cached[where] = known = [];
            known.Add(translation);
        }

        /// <summary>Follows one step. Returns what is wrong, or null.</summary>
        public string? Note(in MemoryEvent e, MemoryState after)
        {
            switch (e.Kind)
            {
                case EventKind.PteCleared:
                    for (int i = 0; i < e.Count; i++)
                        _table.Remove((e.Process, e.Page + i));
                    return null;
                case EventKind.PteWritten:
                    for (int i = 0; i < e.Count; i++)
                        Write(e.Process, e.Page + i, e.Frame < 0 ? -1 : e.Frame + i, after);
                    return null;
                case EventKind.PteWriteProtected:
                    for (int i = 0; i < e.Count; i++)
                        Narrow((e.Process, e.Page + i), e.Kind);
                    return null;
                case EventKind.PteCleaned:
                    // Where an end of the range is folded its whole block is cleaned.
                    long end = (e.Page + e.Count + _block - 1) / _block * _block;
                    for (long page = e.Page / _block * _block; page < end; page++)
                        Narrow((e.Process, page), e.Kind);
                    return null;
                case EventKind.Flushed:
                    Flush(e);
                    return null;
                case EventKind.FolioFreed:
                    return Reached(e);
                default:
                    return null;
            }
        }

        /// <summary>An entry is written: with what rights, the state after the operation tells, if it is still there then.</summary>
        private void Write(int process, long page, int frame, MemoryState after)
        {
            if (after.Find(process, page) is PteRun last && (last.Bits & PteBits.ProtNone) != 0)
            {
                _table.Remove((process, page));
                return;
            }
            bool there = after.Find(process, page) is PteRun entry && (entry.IsZeroPage ? -1 : after.FrameOf(entry) + (int)(page - entry.Page)) == frame;
            PteBits bits = there ? after.Find(process, page)!.Value.Bits : PteBits.None;
            Put((process, page), new Translation(frame, (bits & PteBits.Writable) != 0, (bits & PteBits.Dirty) != 0));
        }

        private void Narrow((int Process, long Page) where, EventKind kind)
        {
            if (!_table.TryGetValue(where, out Translation translation))
                return;
            translation = kind == EventKind.PteWriteProtected ? translation with { Writable = false } : translation with { Dirty = false };
            Put(where, translation);
        }

        private void Flush(in MemoryEvent e)
        {
            long end = e.Count == 0 ? long.MaxValue : e.Page + e.Count;
            foreach ((int Process, long Page) where in _cached.Keys.ToList())
            {
                if (where.Process != e.Process || where.Page < e.Page || where.Page >= end)
                    continue;
                _cached.Remove(where);
                if (e.Count > 0 && e.Count == _detached)
                    _table.Remove(where);
                else if (_table.TryGetValue(where, out Translation translation))
                    _cached[where] = [translation];
            }
        }

        private string? Reached(in MemoryEvent freed)
        {
            foreach (((int process, long page), HashSet<Translation> known) in _cached)
            {
                foreach (Translation translation in known)
                {
                    if (translation.Frame >= freed.Frame && translation.Frame < freed.Frame + freed.Count)
                        return $"frame {translation.Frame} is freed, but a CPU may still reach it at page 0x{page:x} of process {process}";
                }
            }
            return null;
        }

        public string? FlawAfter(MemoryState after, Premise premise)
        {
            foreach (((int process, long page), HashSet<Translation> known) in _cached)
            {
                PteRun? entry = after.Find(process, page);
                foreach (Translation translation in known)
                {
                    premise.Holds();
                    if (entry is not PteRun run || (run.Bits & PteBits.ProtNone) != 0)
                        return $"nothing is mapped at page 0x{page:x} of process {process}, but a CPU may still know frame {translation.Frame} there";
                    int frame = run.IsZeroPage ? -1 : (int)(after.FrameOf(run) + (page - run.Page));
                    if (translation.Frame != frame)
                        return $"page 0x{page:x} of process {process} is frame {frame}, but a CPU may still know frame {translation.Frame} there";
                    if (translation.Writable && (run.Bits & PteBits.Writable) == 0)
                        return $"page 0x{page:x} of process {process} is read-only, but a CPU may still write to it";
                    if (translation.Dirty && translation.Writable && (run.Bits & PteBits.Dirty) == 0)
                        return $"page 0x{page:x} of process {process} is clean, but a CPU may take it for dirty and not say so again";
                }
            }
            return null;
        }
    }
}
