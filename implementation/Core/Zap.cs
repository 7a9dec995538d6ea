using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// zap_pte_range: mappings go batch by batch, references only after the flush at the end of the whole operation, as mmu_gather
/// does it (SPECIFICATION.md 6.1, 17.7).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>References to drop after the flush: one item for each batch, in the order of the walk.</summary>
    private (int Folio, int Count)[] _gathered = new (int, int)[64];

    private int _gatheredCount;
    private bool _flushNeeded;

    /// <summary>Clears the entries of a range within one VMA. <see cref="FinishZap"/> must follow.</summary>
    private void Zap(Process process, Vma vma, long from, long end, bool keepGuards)
    {
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
        {
            if (range.Pmd is { } pmd)
            {
                if (range.IsWhole)
                {
                    ZapPmd(process, vma, range.FirstPage, pmd);
                    continue;
                }
                SplitPmd(process, vma, range.FirstPage);
            }
            ZapMappings(process, vma, range);
            // Entries of the whole range at once: nobody looks at them between two batches.
            range.Leaf.Clear(range.From, range.End);
            if (!keepGuards)
                range.Leaf.ClearGuards(range.From, range.End);
        }
    }

    /// <summary>zap_huge_pmd. The leaf table is not deposited any more; the caller gives it back, unless it is for guard markers.</summary>
    private void ZapPmd(Process process, Vma vma, long block, PmdMapping pmd)
    {
        _flushNeeded = true;
        process.Table.RemovePmd(block);
        Emit(EventKind.PteCleared, process, block, pmd.Frame, _machine.EntriesPerTable);
        if (pmd.IsZeroPage)
            return;
        _rmap.RemovePmd(pmd.Frame, process);
        if (vma.IsLocked)
            MunlockFolio(pmd.Frame);
        Emit(EventKind.MapcountDown, process, block, pmd.Frame, 1);
        Gather(pmd.Frame, 1);
    }

    /// <summary>tlb_finish_mmu: flush, then drop the gathered references.</summary>
    private void FinishZap(Process process)
    {
        FlushIfNeeded(process);
        foreach ((int folio, int count) in _gathered.AsSpan(0, _gatheredCount))
            DropReferences(folio, count);
        _gatheredCount = 0;
    }

    private void FlushIfNeeded(Process process)
    {
        if (!_flushNeeded)
            return;
        _flushNeeded = false;
        Emit(EventKind.Flushed, process, 0, LeafTable.NoFrame, 0);
    }

    private void ZapMappings(Process process, Vma vma, in PageTable.LeafRange range)
    {
        LeafTable leaf = range.Leaf;
        int index = leaf.Present.NextSet(range.From, range.End);
        while (index < range.End)
        {
            _flushNeeded = true;
            long page = range.FirstPage + index;
            int frame = leaf.Frames[index];
            int count = LookForBatch(process, range, index, BatchCuts.None);
            ClearPtes(process, leaf, page, count);
            Emit(EventKind.PteCleared, process, page, frame, count);
            if (vma.IsShared)
                ZapFileBatch(process, leaf, page, frame, count);
            else if (frame != LeafTable.NoFrame)
                ZapBatch(process, page, frame, count, vma.IsLocked);
            index = leaf.Present.NextSet(index + count, range.End);
        }
    }

    /// <summary>zap_present_folio_ptes.</summary>
    private void ZapBatch(Process process, long page, int frame, int count, bool locked)
    {
        int folio = _folios.Head[frame];
        _rmap.Remove(folio, frame, count, process);
        if (locked)
            MunlockFolio(folio);
        Emit(EventKind.MapcountDown, process, page, frame, count);
        Gather(folio, count);
    }

    private void Gather(int folio, int count)
    {
        if (_gatheredCount == _gathered.Length)
            Array.Resize(ref _gathered, _gatheredCount * 2);
        _gathered[_gatheredCount] = (folio, count);
        _gatheredCount++;
    }
}
