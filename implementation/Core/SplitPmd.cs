using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// __split_huge_pmd: a PMD mapping becomes as many entries in the leaf table that was deposited; the folio stays whole (SPECIFICATION.md 8.2, 17.22).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>thp_split_pmd.</summary>
    private long _splitPmd;

    /// <summary>Splits the PMD mapping of a block.</summary>
    private void SplitPmd(Process process, Vma vma, long block)
    {
        PmdMapping pmd = process.Table.PmdAt(block)!;
        UnhangPmd(process, block, pmd);
        if (pmd.IsZeroPage)
            SplitZeroPmd(process, vma, block, pmd);
        else
            SplitFolioPmd(process, vma, block, pmd);
    }

    /// <summary>pmdp_invalidate: what all splits of a PMD mapping begin with.</summary>
    private void UnhangPmd(Process process, long block, PmdMapping pmd)
    {
        _splitPmd++;
        process.Table.RemovePmd(block);
        Emit(EventKind.PteCleared, process, block, pmd.Frame, _machine.EntriesPerTable);
        Emit(EventKind.Flushed, process, block, LeafTable.NoFrame, _machine.EntriesPerTable);
    }

    /// <summary>__split_huge_zero_page_pmd.</summary>
    private void SplitZeroPmd(Process process, Vma vma, long block, PmdMapping pmd)
    {
        process.Table.Find(block)!.WriteAll(LeafTable.NoFrame, PteBits.Young | RightsBits(vma) | (pmd.Bits & PteBits.UffdWp));
        if (HasEvents)
            SetZeroPages(process, block);
        Emit(EventKind.PteWritten, process, block, LeafTable.NoFrame, _machine.EntriesPerTable);
    }

    /// <summary>One after the other; they are never folded.</summary>
    private void SetZeroPages(Process process, long block)
    {
        LeafTable leaf = process.Table.Find(block)!;
        for (int index = 0; index < leaf.Frames.Length; index++)
            SetPtes(process, leaf, block + index, 1);
    }

    /// <summary>
    /// __split_huge_pmd_locked without freeze: first the entries are mapped, then the PMD mapping goes, so that no page is without a mapping in between.
    /// </summary>
    private void SplitFolioPmd(Process process, Vma vma, long block, PmdMapping pmd)
    {
        int folio = pmd.Frame;
        int entries = _machine.EntriesPerTable;
        if (pmd.Has(PteBits.Dirty))
            _folios.Flags[folio] |= FolioFlags.Dirty;
        TakeReferences(folio, entries - 1);
        _rmap.AddEntriesOfPmd(folio, process);
        if (vma.IsLocked)
            MlockFolio(folio);
        Emit(EventKind.MapcountUp, process, block, folio, entries);
        LeafTable leaf = process.Table.Find(block)!;
        leaf.WriteAll(folio, BitsOfEntries(vma, pmd));
        SetPtes(process, leaf, block, entries);
        Emit(EventKind.PteWritten, process, block, folio, entries);
        _rmap.RemovePmd(folio, process);
        if (vma.IsLocked)
            MunlockFolio(folio);
        Emit(EventKind.MapcountDown, process, block, folio, 1);
    }

    /// <summary>
    /// The bits that entries take over from a PMD mapping. Rights are those of the VMA; pte_mkdirty makes an entry soft-dirty, too.
    /// </summary>
    private PteBits BitsOfEntries(Vma vma, PmdMapping pmd)
    {
        PteBits bits = (pmd.Bits & ~PteBits.ProtNone) | RightsBits(vma);
        return _machine.SoftDirty && pmd.Has(PteBits.Dirty) ? bits | PteBits.SoftDirty : bits;
    }

    /// <summary>vma_adjust_trans_huge: no PMD mapping reaches over a border that a VMA is about to get.</summary>
    private void SplitPmdAt(Process process, long border)
    {
        PageTable table = process.Table;
        if (table.PmdAt(border) is not null && table.EntryOf(border) != 0)
            SplitPmd(process, process.Vmas.Find(border)!, table.BlockOf(border));
    }

    /// <summary>split_vma, if the page lies within a VMA.</summary>
    private void SplitVmaAt(Process process, long page)
    {
        SplitPmdAt(process, page);
        process.Vmas.SplitAt(page);
    }

    /// <summary>The part of a VMA that lies in a range, as a VMA of its own.</summary>
    private Vma SplitOff(Process process, long from, long end)
    {
        SplitPmdAt(process, from);
        SplitPmdAt(process, end);
        return process.Vmas.SplitOff(from, end);
    }
}
