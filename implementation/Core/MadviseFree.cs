using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>MADV_FREE: madvise_free_pte_range (SPECIFICATION.md 6.4).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>A batch that covers its whole folio.</summary>
    private void FreeLazily(Process process, in PageTable.LeafRange range, int index, int end)
    {
        int folio = _folios.Head[range.Leaf.Frames[index]];
        if (!TakeFolioDirty(folio))
            return;
        Clean(process, range, index, end, dirtyToo: true);
        MarkLazyFree(folio);
    }

    /// <summary>A PMD mapping that lies in the range as a whole, of a folio that nobody else maps.</summary>
    private void FreePmdLazily(Process process, long block, PmdMapping pmd)
    {
        _folios.Flags[pmd.Frame] &= ~FolioFlags.Dirty;
        CleanPmd(process, block, pmd, PteBits.Young | PteBits.Dirty);
        MarkLazyFree(pmd.Frame);
    }

    /// <summary>folio_mark_lazyfree, which leaves alone what is on the unevictable list. Only reclaim makes it swap-backed again.</summary>
    private void MarkLazyFree(int folio)
    {
        if (!_folios.IsMlocked(folio))
            _folios.Flags[folio] &= ~FolioFlags.SwapBacked;
    }

    /// <summary>Clears PG_dirty. Returns false when the folio is dirty and somebody else maps it too: then it stays as it is.</summary>
    private bool TakeFolioDirty(int folio)
    {
        if (!_folios.IsDirty(folio))
            return true;
        if (!_folios.IsMappedOnce(folio))
            return false;
        _folios.Flags[folio] &= ~FolioFlags.Dirty;
        return true;
    }
}
