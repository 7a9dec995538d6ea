using FolioCheck.Vocabulary;
using static FolioCheck.Properties.CounterInvariants;

namespace FolioCheck.Properties;

/// <summary>What a fault must do (SPECIFICATION.md 4).</summary>
public static class FaultProperties
{
    /// <summary>26: a store into nothing maps the largest order that is enabled, fits and finds only empty entries; never an order that is not enabled.</summary>
    public static string? LargestFittingOrder(in Step step, Premise premise)
    {
        if (!IsWriteIntoNothing(step, out PteRun entry))
            return null;
        int order = step.After.Folios[entry.Folio].State.Order;
        List<int> fitting = FittingOrders(step);
        if (Fits(step, step.Machine.PmdOrder))
        {
            // Whether the block had a leaf table does not show, unless there was none at all.
            int number = step.Operation.Process;
            bool noTable = step.Before.Processes.Find(process => process.Number == number).PageTables == 0;
            if (noTable || order == step.Machine.PmdOrder)
                fitting.Insert(0, step.Machine.PmdOrder);
        }
        if (order > 0 && !fitting.Contains(order))
            return $"store into the empty page 0x{step.Operation.Address:x} mapped order {order}; enabled, fitting and empty: {List(fitting)}";
        bool mayFail = step.FailingOrders.Count > 0 || Fallbacks(step.After) != Fallbacks(step.Before);
        if (mayFail)
            return null;
        if (fitting.Count > 0)
            premise.Holds();
        int expected = fitting.Count > 0 ? fitting[0] : 0;
        return order == expected
            ? null
            : $"store into the empty page 0x{step.Operation.Address:x} mapped order {order}, expected {expected} of {List(fitting)}";
    }

    /// <summary>27: an anonymous fault maps all pages of its folio, at their natural places, writable and AnonExclusive.</summary>
    public static string? MapsWholeFolio(in Step step, Premise premise)
    {
        if (!IsWriteIntoNothing(step, out PteRun entry))
            return null;
        FolioView folio = step.After.Folios[entry.Folio];
        // The other pages wait for their turn.
        if (folio.State.Order == step.Machine.PmdOrder && (step.Machine.Extensions & Extensions.LazyZeroing) != 0)
            return null;
        if (folio.State.Order > 0)
            premise.Holds();
        for (int i = 0; i < folio.Pages; i++)
        {
            long page = step.Operation.Address - entry.Index + i;
            PteRun? found = step.After.Find(step.Operation.Process, page);
            bool whole = found is PteRun run && run.Folio == entry.Folio && run.Index == i
                && (run.Bits & PteBits.Writable) != 0 && step.After.IsExclusive(folio, run.MarkedPage(0));
            if (!whole)
                return $"fault at 0x{step.Operation.Address:x}: page {i} of folio {Name(folio)} is not mapped writable and exclusive at 0x{page:x}";
        }
        return null;
    }

    /// <summary>36: reuse keeps the frame; a copy changes it and takes one mapping from the old page; nobody else's translation changes.</summary>
    public static string? ReuseOrCopy(in Step step, Premise premise)
    {
        if (!IsWriteProtectFault(step, out PteRun before, out PteRun after))
            return null;
        premise.Holds();
        long oldFrame = step.Before.FrameOf(before);
        long newFrame = step.After.FrameOf(after);
        if ((after.Bits & (PteBits.Writable | PteBits.Dirty)) != (PteBits.Writable | PteBits.Dirty))
            return $"after the store the entry of page 0x{after.Page:x} is {after.Bits}";
        if (oldFrame != newFrame && !before.IsZeroPage)
        {
            FolioView old = step.Before.Folios[before.Folio];
            int left = MapcountOfFrame(step.After, oldFrame);
            if (left != step.Before.Recount(old, before.Index) - 1)
                return $"copy of page 0x{after.Page:x}: the old page had {step.Before.Recount(old, before.Index)} mappings and has {left} now";
        }
        // The huge zero page is replaced as a whole.
        int block = step.Machine.EntriesPerTable;
        bool whole = before.IsPmd && before.IsZeroPage && after.IsPmd;
        long start = whole ? before.Page / block * block : before.Page;
        return OtherTranslationsChanged(step, before.Process, start, start + (whole ? block : 1));
    }

    /// <summary>37: a page of a large folio that was not AnonExclusive is reused only if one process maps the folio and nothing else refers to it.</summary>
    public static string? ReuseIsSound(in Step step, Premise premise)
    {
        if (!IsWriteProtectFault(step, out PteRun before, out PteRun after) || before.IsZeroPage)
            return null;
        FolioView folio = step.Before.Folios[before.Folio];
        if (folio.State.Order == 0 || step.Before.IsExclusive(folio, before.MarkedPage(0)) || step.Before.FrameOf(before) != step.After.FrameOf(after))
            return null;
        premise.Holds();
        int sharers = step.Before.Sharers(before.Folio);
        if (sharers != 1)
            return $"page 0x{before.Page:x} of folio {Name(folio)} was reused while {sharers} processes mapped the folio";
        int mappings = step.Before.Mappings(before.Folio);
        return folio.State.References == mappings
            ? null
            : $"page 0x{before.Page:x} of folio {Name(folio)} was reused with {folio.State.References} references and {mappings} mappings";
    }

    /// <summary>38 (data part): what is stored after MADV_FREE is kept: a page reads what was stored last, whatever MADV_FREE did to it.</summary>
    public static StepCheck FreedAndWrittenIsKept()
    {
        var freed = new HashSet<(int Process, long Page)>();
        return (in Step step, Premise premise) =>
        {
            Operation operation = step.Operation;
            if (operation.Kind == OperationKind.Madvise && operation.Advice == Advice.Free && step.Outcome.Kind != OutcomeKind.NoProcess)
            {
                foreach (PteRun run in step.After.Runs)
                {
                    for (int i = 0; i < run.Count && run.Process == operation.Process; i++)
                    {
                        if (run.Page + i >= operation.Address && run.Page + i < operation.End)
                            freed.Add((run.Process, run.Page + i));
                    }
                }
            }
            if (operation.Kind != OperationKind.Write || step.Outcome != Outcome.Ok || !freed.Remove((operation.Process, operation.Address)))
                return null;
            premise.Holds();
            if (step.After.Find(operation.Process, operation.Address) is not PteRun entry || entry.IsZeroPage)
                return $"page 0x{operation.Address:x} is not mapped after the store";
            int token = step.After.Token(step.After.Folios[entry.Folio], entry.Index);
            return token == operation.Value && (entry.Bits & PteBits.Dirty) != 0
                ? null
                : $"page 0x{operation.Address:x} holds {token} and is {entry.Bits} after {operation.Value} was stored";
        };
    }

    /// <summary>Whether an anonymous page was mapped by a store where nothing was.</summary>
    private static bool IsWriteIntoNothing(in Step step, out PteRun entry)
    {
        entry = default;
        if (step.Operation.Kind != OperationKind.Write || step.Outcome != Outcome.Ok)
            return false;
        if (step.Before.Find(step.Operation.Process, step.Operation.Address) is not null)
            return false;
        if (step.After.Find(step.Operation.Process, step.Operation.Address) is not PteRun run || run.IsZeroPage || step.After.MapsFile(run))
            return false;
        entry = run;
        return true;
    }

    private static bool IsWriteProtectFault(in Step step, out PteRun before, out PteRun after)
    {
        before = after = default;
        if (step.Operation.Kind != OperationKind.Write || step.Outcome != Outcome.Ok)
            return false;
        if (step.Before.Find(step.Operation.Process, step.Operation.Address) is not PteRun old || (old.Bits & PteBits.Writable) != 0)
            return false;
        if (step.After.Find(step.Operation.Process, step.Operation.Address) is not PteRun now || now.IsZeroPage)
            return false;
        (before, after) = (old, now);
        return true;
    }

    /// <summary>The orders that may be used, largest first: the rule of SPECIFICATION.md 4.1 said once more, from the states alone.</summary>
    private static List<int> FittingOrders(in Step step)
    {
        var fitting = new List<int>();
        Operation operation = step.Operation;
        // Under userfaultfd every page is faulted in by itself, unless a PMD can map it.
        if (step.Before.FindVma(operation.Process, operation.Address) is not VmaView vma || (vma.Flags & VmaFlags.UffdWp) != 0)
            return fitting;
        for (int order = step.Machine.LargestPteOrder; order >= Machine.SmallestLargeOrder; order--)
        {
            if (Fits(step, order))
                fitting.Add(order);
        }
        return fitting;
    }

    /// <summary>Whether policy allows an order where the operation stores, and its block lies in the VMA and is empty.</summary>
    private static bool Fits(in Step step, int order)
    {
        int process = step.Operation.Process;
        long size = 1L << order;
        long start = step.Operation.Address / size * size;
        if (step.Before.FindVma(process, step.Operation.Address) is not VmaView vma || vma.Start > start || start + size > vma.End)
            return false;
        ThpDisable disable = step.Before.Processes.Find(view => view.Number == process).ThpDisable;
        return Enabled(step.Thp, order, vma.Flags, disable) && !step.Before.HasGuard(process, start, start + size)
            && !IsMapped(step.Before, process, start, start + size);
    }

    private static bool IsMapped(MemoryState state, int process, long start, long end)
    {
        foreach (PteRun run in state.Runs)
        {
            if (run.Process == process && run.Page < end && start < run.End)
                return true;
        }
        return false;
    }

    internal static bool Enabled(ThpPolicy thp, int order, VmaFlags flags, ThpDisable disable)
    {
        if (disable == ThpDisable.All || disable == ThpDisable.ExceptAdvised && (flags & VmaFlags.HugePage) == 0)
            return false;
        ThpMode mode = thp[order] == ThpMode.Inherit ? thp.Global : thp[order];
        if ((flags & VmaFlags.NoHugePage) != 0)
            return false;
        return mode is ThpMode.Always || mode is ThpMode.Madvise && (flags & VmaFlags.HugePage) != 0;
    }

    private static long Fallbacks(MemoryState state) => state.Statistics.Sum(statistics => statistics?.AnonFaultFallback ?? 0);

    private static string List(List<int> orders) => orders.Count == 0 ? "none" : string.Join(", ", orders);

    private static int MapcountOfFrame(MemoryState state, long frame)
    {
        foreach (FolioView folio in state.Folios)
        {
            if (folio.State.Frame <= frame && frame < folio.State.Frame + folio.Pages)
                return state.Recount(folio, (int)(frame - folio.State.Frame));
        }
        return 0;
    }

    private static bool IsSameBlock(Machine machine, long page, long start, long end) =>
        page / machine.EntriesPerTable >= start / machine.EntriesPerTable && page / machine.EntriesPerTable <= (end - 1) / machine.EntriesPerTable;

    /// <summary>Whether some entry outside [start, end) of a process came, went or moved to another frame.</summary>
    internal static string? OtherTranslationsChanged(in Step step, int process, long start, long end)
    {
        foreach (PteRun run in step.Before.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                long page = run.Page + i;
                if (run.Process == process && page >= start && page < end)
                    continue;
                // Whoever wants to own a page of the huge zero page gets a folio for the whole block.
                if (run.Process == process && run.IsPmd && run.IsZeroPage && IsSameBlock(step.Machine, page, start, end))
                    continue;
                if (!step.After.Processes.Any(view => view.Number == run.Process))
                    return $"process {run.Process} is gone";
                PteRun? now = step.After.Find(run.Process, page);
                long frame = run.IsZeroPage ? -1 : step.Before.Folios[run.Folio].State.Frame + run.Index + i;
                if (now is not PteRun entry || step.After.FrameOf(entry) != frame)
                    return $"process {run.Process} page 0x{page:x} was mapped to frame {frame} and is not any more";
            }
        }
        return null;
    }
}
