using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>mlock, mlock2 and munlock: VMAs, folios, and the populating that follows (SPECIFICATION.md 6.6, 17.15).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>VM_LOCKED_MASK.</summary>
    private const VmaFlags LockFlags = VmaFlags.Locked | VmaFlags.LockOnFault;

    private Outcome Mlock(Process process, long address, long length)
    {
        Outcome outcome = SetLocks(process, address, length, VmaFlags.Locked);
        return outcome.Kind == OutcomeKind.Ok && length < Machine.LengthWrapsPages ? PopulateLocked(process, address, address + length) : outcome;
    }

    private Outcome MlockOnFault(Process process, long address, long length) => SetLocks(process, address, length, LockFlags);

    private Outcome Munlock(Process process, long address, long length) => SetLocks(process, address, length, VmaFlags.None);

    /// <summary>apply_vma_lock_flags: up to the first page that is not mapped.</summary>
    private Outcome SetLocks(Process process, long address, long length, VmaFlags locks)
    {
        if (!IsRange(address, length))
            return Outcome.Error(Errno.EINVAL);
        // PAGE_ALIGN of so many bytes is 0.
        if (length >= Machine.LengthWrapsPages)
            return Outcome.Ok;
        long end = address + length;
        long from = address;
        while (from < end)
        {
            if (process.Vmas.Find(from) is not { } vma)
                return Outcome.Error(Errno.ENOMEM);
            long stop = Math.Min(end, vma.End);
            SetLocks(process, vma, from, stop, locks);
            from = stop;
        }
        return Outcome.Ok;
    }

    /// <summary>mlock_fixup.</summary>
    private void SetLocks(Process process, Vma vma, long from, long end, VmaFlags locks)
    {
        bool wasLocked = vma.IsLocked;
        bool locked = (locks & VmaFlags.Locked) != 0;
        SetFlags(process, vma, from, end, (vma.Flags & ~LockFlags) | locks);
        if (locked != wasLocked)
            LockFolios(process, from, end, locked);
    }

    /// <summary>
    /// mlock_pte_range. A large folio of which only a part is mapped here is not mlocked, so that reclaim can still split it;
    /// munlocked is whatever is met.
    /// </summary>
    private void LockFolios(Process process, long from, long end, bool locked)
    {
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
        {
            if (range.Pmd is { } pmd)
            {
                LockPmd(pmd, locked);
                continue;
            }
            LeafTable leaf = range.Leaf;
            int index = leaf.Present.NextSet(range.From, range.End);
            while (index < range.End)
            {
                int count = leaf.Special[index] ? 1 : LockBatch(range, index, locked);
                index = leaf.Present.NextSet(index + count, range.End);
            }
        }
    }

    private void LockPmd(PmdMapping pmd, bool locked)
    {
        if (pmd.IsZeroPage)
            return;
        if (locked)
            MlockFolio(pmd.Frame);
        else
            MunlockFolio(pmd.Frame);
    }

    /// <summary>Handles one batch; returns its length.</summary>
    private int LockBatch(in PageTable.LeafRange range, int index, bool locked)
    {
        int folio = _folios.Head[range.Leaf.Frames[index]];
        int count = _batches.KernelLength(range.Leaf, index, range.End, BatchCuts.None);
        if (!locked)
            MunlockFolio(folio);
        else if (count == 1 << _folios.Order[folio])
            MlockFolio(folio);
        return count;
    }

    /// <summary>mlock_folio.</summary>
    private void MlockFolio(int folio)
    {
        _folios.Flags[folio] |= FolioFlags.Mlocked;
        _folios.MlockCount[folio]++;
    }

    /// <summary>munlock_folio. Nobody knows how often it will be called for a folio, so it may come once too often.</summary>
    private void MunlockFolio(int folio)
    {
        if (_folios.MlockCount[folio] > 0)
            _folios.MlockCount[folio]--;
        if (_folios.MlockCount[folio] == 0)
            _folios.Flags[folio] &= ~FolioFlags.Mlocked;
    }

    /// <summary>__mm_populate: what is locked is faulted in, for writing where stores are allowed. Everything is mapped.</summary>
    private Outcome PopulateLocked(Process process, long from, long end)
    {
        long page = from;
        while (page < end)
        {
            Vma vma = process.Vmas.Find(page)!;
            long stop = Math.Min(end, vma.End);
            if (vma.Protection == Protection.None)
                return Outcome.Error(Errno.ENOMEM);
            FaultResult result = PopulateLocked(process, vma, ref page, stop);
            if (result != FaultResult.Done)
                return PopulateFailure(result, Errno.ENOMEM, (int)(page - from));
        }
        return Outcome.Ok;
    }

    /// <summary>populate_vma_page_range, up to the first page that cannot be had, or the end.</summary>
    private FaultResult PopulateLocked(Process process, Vma vma, ref long page, long end)
    {
        for (; page < end; page++)
        {
            FaultResult result = vma.MayWrite ? PopulateWrite(process, vma, page) : PopulateRead(process, vma, page);
            if (result != FaultResult.Done)
                return result;
        }
        return FaultResult.Done;
    }

    /// <summary>mm_populate of a range within one VMA that grew or may be written now. Nobody hears of a failure.</summary>
    private void PopulateIfLocked(Process process, long from, long end)
    {
        Vma? vma = process.Vmas.FirstWithin(from, end);
        if (vma is not null && (vma.Flags & LockFlags) == VmaFlags.Locked && vma.Protection != Protection.None)
            PopulateLocked(process, vma, ref from, end);
    }
}
