using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// What MADV_FREE and MADV_COLD share: the walk, the split of a folio of which the call names only a part, and the clearing of
/// bits (SPECIFICATION.md 6.4, 6.5, 17.6).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    private void AdviseBatches(Process process, long from, long end, Advice advice)
    {
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
        {
            if (range.Pmd is { } pmd && !AdvisePmd(process, range, pmd, advice))
                continue;
            LeafTable leaf = range.Leaf;
            int index = leaf.Present.NextSet(range.From, range.End);
            while (index < range.End)
                index = leaf.Present.NextSet(AdviseBatch(process, range, index, advice), range.End);
        }
    }

    /// <summary>Handles one batch; returns where the walk goes on, which is the same entry after a folio split.</summary>
    private int AdviseBatch(Process process, in PageTable.LeafRange range, int index, Advice advice)
    {
        LeafTable leaf = range.Leaf;
        int end = index + LookForKernelBatch(process, range, index);
        if (leaf.Special[index])
            return end;
        int folio = _folios.Head[leaf.Frames[index]];
        if (end - index < 1 << _folios.Order[folio])
            return !_folios.MaybeMappedShared(folio) && SplitFolio(folio, newOrder: 0) ? index : end;
        if (advice == Advice.Free)
            FreeLazily(process, range, index, end);
        else
            MakeCold(process, range, index, end);
        return end;
    }

    /// <summary>
    /// madvise_free_huge_pmd, and the like for MADV_COLD. Returns true when the folio was split, because only a part of it is meant, so that there are entries
    /// to look at now.
    /// </summary>
    private bool AdvisePmd(Process process, in PageTable.LeafRange range, PmdMapping pmd, Advice advice)
    {
        if (pmd.IsZeroPage || _folios.MaybeMappedShared(pmd.Frame))
            return false;
        if (!range.IsWhole)
            return SplitFolio(pmd.Frame, newOrder: 0);
        if (advice == Advice.Free)
            FreePmdLazily(process, range.FirstPage, pmd);
        else
            CleanPmd(process, range.FirstPage, pmd, PteBits.Young);
        return false;
    }

    private void CleanPmd(Process process, long block, PmdMapping pmd, PteBits bits)
    {
        if (!pmd.Has(bits))
            return;
        _flushNeeded = true;
        pmd.Clear(bits);
        Emit(EventKind.PteCleaned, process, block, pmd.Frame, _machine.EntriesPerTable);
    }

    /// <summary>madvise_cold and madvise_free clean entries, in steps that the batch policy allows.</summary>
    private void Clean(Process process, in PageTable.LeafRange range, int index, int end, bool dirtyToo)
    {
        LeafTable leaf = range.Leaf;
        while (index < end)
        {
            int stop = index + _batches.Length(leaf, index, end, BatchCuts.None);
            if (leaf.AnyYoung(index, stop) || (dirtyToo && leaf.AnyDirty(index, stop)))
            {
                _flushNeeded = true;
                ClearYoungDirtyPtes(process, leaf, range.FirstPage + index, stop - index, dirtyToo);
                Emit(EventKind.PteCleaned, process, range.FirstPage + index, leaf.Frames[index], stop - index);
            }
            index = stop;
        }
    }
}
