using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// NUMA hinting: entries in memory that may be accessed are made inaccessible, so that the next access faults and puts them right again; nothing migrates
/// (SPECIFICATION.md 4.8, 11.6, 17.26).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>change_prot_numa, VMA by VMA.</summary>
    private Outcome NumaHint(Process process, long address, long length)
    {
        if (!IsRange(address, length) || length == 0 || !FitsAddressSpace(address, length))
            return Outcome.Error(Errno.EINVAL);
        long end = address + length;
        long from = address;
        while (process.Vmas.FirstWithin(from, end) is { } vma)
        {
            if (vma.Protection != Protection.None)
                HintEntries(process, vma, Math.Max(from, vma.Start), Math.Min(end, vma.End));
            from = vma.End;
        }
        return Outcome.Ok;
    }

    private void HintEntries(Process process, Vma vma, long from, long end)
    {
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
        {
            if (range.Pmd is { } pmd)
            {
                if (range.IsWhole)
                {
                    HintPmd(process, range.FirstPage, pmd);
                    continue;
                }
                SplitPmd(process, vma, range.FirstPage);
            }
            int index = range.Leaf.Present.NextSet(range.From, range.End);
            while (index < range.End)
                index = range.Leaf.Present.NextSet(HintBatch(process, range, index), range.End);
        }
        FlushIfNeeded(process);
    }

    /// <summary>change_huge_pmd with MM_CP_PROT_NUMA.</summary>
    private void HintPmd(Process process, long block, PmdMapping pmd)
    {
        if (pmd.IsZeroPage || pmd.Has(PteBits.ProtNone) || !MayHint(pmd.Frame))
            return;
        _flushNeeded = true;
        Emit(EventKind.PteCleared, process, block, pmd.Frame, _machine.EntriesPerTable);
        pmd.Clear(PteBits.Writable);
        pmd.Set(PteBits.ProtNone);
        Emit(EventKind.PteWritten, process, block, pmd.Frame, _machine.EntriesPerTable);
    }

    /// <summary>change_pte_range with MM_CP_PROT_NUMA for one batch; returns its end.</summary>
    private int HintBatch(Process process, in PageTable.LeafRange range, int index)
    {
        LeafTable leaf = range.Leaf;
        int frame = leaf.Frames[index];
        int count = LookForBatch(process, range, index, BatchCuts.Write | BatchCuts.SoftDirty);
        int end = index + count;
        if (leaf.Special[index] || leaf.ProtNone[index] || !MayHint(_folios.Head[frame]))
            return end;
        _flushNeeded = true;
        ClearPtes(process, leaf, range.FirstPage + index, count);
        Emit(EventKind.PteCleared, process, range.FirstPage + index, frame, count);
        leaf.SmearYoungAndDirty(index, end);
        leaf.SetHinted(index, end);
        SetPtes(process, leaf, range.FirstPage + index, count);
        Emit(EventKind.PteWritten, process, range.FirstPage + index, frame, count);
        return end;
    }

    /// <summary>folio_can_map_prot_numa: what cannot migrate is not worth a fault.</summary>
    private bool MayHint(int folio) => !_folios.MaybePinned(folio) && !_folios.MaybeMappedShared(folio);

    /// <summary>
    /// do_numa_page and do_huge_pmd_numa_page, before whatever else a fault has to do: what is mapped at a page becomes accessible again, if it is only a hint
    /// that it is not.
    /// </summary>
    private void RestoreHinted(Process process, Vma vma, long page)
    {
        PageTable table = process.Table;
        if (vma.Protection == Protection.None || !table.Look(page).IsProtNone)
            return;
        if (table.PmdAt(page) is { } pmd)
        {
            pmd.Set(PteBits.Young);
            ApplyRights(vma, pmd);
            Emit(EventKind.PteWritten, process, table.BlockOf(page), pmd.Frame, _machine.EntriesPerTable);
            return;
        }
        RestoreHintedEntries(process, vma, page, table.Find(page)!);
    }

    /// <summary>A write fault that has to restore first; often that is all that there is to do.</summary>
    private FaultResult WriteFaultAfterHint(Process process, Vma vma, long page)
    {
        RestoreHinted(process, vma, page);
        return process.Table.Look(page).IsWritable ? FaultResult.Done : WriteFault(process, vma, page);
    }

    /// <summary>numa_rebuild_large_mapping: all that the table and the VMA hold of the folio; with lazy zeroing only what is accessed.</summary>
    private void RestoreHintedEntries(Process process, Vma vma, long page, LeafTable leaf)
    {
        long block = process.Table.BlockOf(page);
        int hinted = process.Table.EntryOf(page);
        int folio = _folios.Head[leaf.Frames[hinted]];
        bool lazy = Has(Extensions.LazyZeroing);
        bool large = _folios.Order[folio] > 0 && !lazy;
        int from = large ? (int)Math.Max(vma.Start - block, 0) : hinted;
        int end = large ? (int)Math.Min(vma.End - block, leaf.Frames.Length) : hinted + 1;
        for (int index = leaf.ProtNone.NextSet(from, end); index < end; index = leaf.ProtNone.NextSet(index + 1, end))
        {
            int frame = leaf.Frames[index];
            if (_folios.Head[frame] != folio)
                continue;
            ClearPtes(process, leaf, block + index, 1);
            leaf.Young.Set(index);
            ApplyRights(vma, leaf, index, index + 1);
            SetPtes(process, leaf, block + index, 1);
            Emit(EventKind.PteWritten, process, block + index, frame, 1);
        }
        if (lazy)
            RemapIfAccessible(process, vma, page, leaf);
    }
}
