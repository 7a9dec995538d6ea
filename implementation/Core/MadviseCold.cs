namespace FolioCheck.Implementation;

/// <summary>MADV_COLD: madvise_cold_or_pageout_pte_range (SPECIFICATION.md 6.5, 17.11).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>A batch that covers its whole folio; nothing is done to a folio that is mapped more than once.</summary>
    private void MakeCold(Process process, in PageTable.LeafRange range, int index, int end)
    {
        if (_folios.IsMappedOnce(_folios.Head[range.Leaf.Frames[index]]))
            Clean(process, range, index, end, dirtyToo: false);
    }
}
