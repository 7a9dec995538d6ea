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
        if (leaf.Special[index])
            return index + 1;
        int folio = _folios.Head[leaf.Frames[index]];
        int end = index + _batches.KernelLength(leaf, index, range.End, BatchCuts.None);
        if (end - index < 1 << _folios.Order[folio])
            return !_folios.MaybeMappedShared(folio) && SplitFolio(folio) ? index : end;
        if (advice == Advice.Free)
            FreeLazily(process, range, index, end);
        else
            MakeCold(process, range, index, end);
        return end;
    }

    /// <summary>clear_young_dirty_ptes, in steps that the batch policy allows.</summary>
    private void Clean(Process process, in PageTable.LeafRange range, int index, int end, bool dirtyToo)
    {
        LeafTable leaf = range.Leaf;
        while (index < end)
        {
            int stop = index + _batches.Length(leaf, index, end, BatchCuts.None);
            if (leaf.Young.Any(index, stop) || (dirtyToo && leaf.Dirty.Any(index, stop)))
            {
                _flushNeeded = true;
                leaf.Young.ClearRange(index, stop);
                if (dirtyToo)
                    leaf.Dirty.ClearRange(index, stop);
                Emit(EventKind.PteCleaned, process, range.FirstPage + index, leaf.Frames[index], stop - index);
            }
            index = stop;
        }
    }
}
