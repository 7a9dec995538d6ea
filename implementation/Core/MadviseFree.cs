using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>MADV_FREE: madvise_free_pte_range (SPECIFICATION.md 6.4, 17.6).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private void FreeLazily(Process process, long from, long end)
    {
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
        {
            LeafTable leaf = range.Leaf;
            int index = leaf.Present.NextSet(range.From, range.End);
            while (index < range.End)
                index = leaf.Present.NextSet(FreeBatchLazily(process, range, index), range.End);
        }
    }

    /// <summary>Handles one batch; returns where the walk goes on, which is the same entry after a folio split.</summary>
    private int FreeBatchLazily(Process process, in PageTable.LeafRange range, int index)
    {
        LeafTable leaf = range.Leaf;
        if (leaf.Special[index])
            return index + 1;
        int folio = _folios.Head[leaf.Frames[index]];
        int end = index + _batches.KernelLength(leaf, index, range.End, respectDirty: false);
        if (end - index < 1 << _folios.Order[folio])
        {
            if (_folios.MaybeMappedShared(folio))
                return end;
            SplitFolio(folio);
            return index;
        }
        if (!TakeFolioDirty(folio))
            return end;
        Clean(process, range, index, end);
        // folio_mark_lazyfree. Only reclaim makes it swap-backed again.
        _folios.Flags[folio] &= ~FolioFlags.SwapBacked;
        return end;
    }

    /// <summary>Clears PG_dirty. Returns false when the folio is dirty and somebody else maps it too: then it stays as it is.</summary>
    private bool TakeFolioDirty(int folio)
    {
        if (!_folios.IsDirty(folio))
            return true;
        if (_folios.MapcountOf(folio) != 1 << _folios.Order[folio])
            return false;
        _folios.Flags[folio] &= ~FolioFlags.Dirty;
        return true;
    }

    /// <summary>clear_young_dirty_ptes, in steps that the batch policy allows.</summary>
    private void Clean(Process process, in PageTable.LeafRange range, int index, int end)
    {
        LeafTable leaf = range.Leaf;
        while (index < end)
        {
            int count = _batches.Length(leaf, index, end, respectDirty: false);
            if (leaf.Young.Any(index, index + count) || leaf.Dirty.Any(index, index + count))
            {
                _flushNeeded = true;
                leaf.Young.ClearRange(index, index + count);
                leaf.Dirty.ClearRange(index, index + count);
                Emit(EventKind.PteCleaned, process, range.FirstPage + index, leaf.Frames[index], count);
            }
            index += count;
        }
    }
}
