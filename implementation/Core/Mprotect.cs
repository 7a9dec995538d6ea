using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>mprotect: VMA by VMA, first the VMA, then its entries (SPECIFICATION.md 12.2, 17.12).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome Mprotect(Process process, long address, long length, Protection protection)
    {
        if (!IsRange(address, length))
            return Outcome.Error(Errno.EINVAL);
        if (length >= Machine.LengthWrapsPages)
            return Outcome.Error(Errno.ENOMEM);
        long end = address + length;
        long from = address;
        while (from < end)
        {
            Vma? vma = process.Vmas.Find(from);
            if (vma is null)
                return Outcome.Error(Errno.ENOMEM);
            long stop = Math.Min(end, vma.End);
            if (!Protect(process, vma, from, stop, Known(protection)))
                return Outcome.Error(Errno.ENOMEM);
            from = stop;
        }
        return Outcome.Ok;
    }

    /// <summary>mprotect_fixup of a range within one VMA. Returns false when the commit limit forbids it.</summary>
    private bool Protect(Process process, Vma vma, long from, long end, Protection protection)
    {
        if (vma.Protection == protection)
            return true;
        VmaFlags flags = FlagsAfterProtect(vma, protection);
        bool charged = (flags & ~vma.Flags & VmaFlags.Account) != 0;
        if (charged && end - from >= Machine.CommitLimitPages)
            return false;
        Vma piece = process.Vmas.SplitOff(from, end);
        piece.Protection = protection;
        piece.Flags = flags;
        process.Vmas.MergeAround(piece);
        ProtectEntries(process, from, end, protection);
        return true;
    }

    /// <summary>Memory that becomes writable is accounted for; it stays so, unless nothing was ever written to it.</summary>
    private static VmaFlags FlagsAfterProtect(Vma vma, Protection protection)
    {
        if ((protection & Protection.Write) != 0)
            return vma.Flags | VmaFlags.Account;
        return vma.AnonVma is null ? vma.Flags & ~VmaFlags.Account : vma.Flags;
    }

    /// <summary>change_protection.</summary>
    private void ProtectEntries(Process process, long from, long end, Protection protection)
    {
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
        {
            LeafTable leaf = range.Leaf;
            int index = leaf.Present.NextSet(range.From, range.End);
            while (index < range.End)
                index = leaf.Present.NextSet(ProtectBatch(process, range, index, protection), range.End);
        }
        FlushIfNeeded(process);
    }

    /// <summary>change_pte_range for one batch; returns its end.</summary>
    private int ProtectBatch(Process process, in PageTable.LeafRange range, int index, Protection protection)
    {
        LeafTable leaf = range.Leaf;
        long page = range.FirstPage + index;
        int frame = leaf.Frames[index];
        int count = leaf.Special[index] ? 1 : _batches.Length(leaf, index, range.End, BatchCuts.Write);
        int end = index + count;
        _flushNeeded = true;
        Emit(EventKind.PteCleared, process, page, frame, count);
        leaf.SmearYoungAndDirty(index, end);
        if (protection == Protection.None)
            leaf.ProtNone.SetRange(index, end);
        else
            leaf.ProtNone.ClearRange(index, end);
        // can_change_pte_writable: only what is exclusive may be written without a fault, page by page.
        if ((protection & Protection.Write) != 0 && !leaf.Special[index])
            leaf.Writable.CopyShifted(_folios.AnonExclusive, frame, index, end);
        else
            leaf.Writable.ClearRange(index, end);
        Emit(EventKind.PteWritten, process, page, frame, count);
        return end;
    }
}
