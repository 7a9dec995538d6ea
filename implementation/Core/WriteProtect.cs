using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Write faults on present read-only entries of private memory: do_wp_page (SPECIFICATION.md 4.3).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Makes the page writable in place, or gives the process a copy. Returns false when memory ran out.</summary>
    private bool WriteProtectFault(Process process, LeafTable leaf, long page)
    {
        int index = process.Table.EntryOf(page);
        if (leaf.Special[index])
            return CopyZeroPage(process, leaf, index, page);
        int frame = leaf.Frames[index];
        if (!_folios.AnonExclusive[frame] && !CanReuse(_folios.Head[frame]))
            return CopyPage(process, leaf, index, page);
        _folios.AnonExclusive.Set(frame);
        leaf.MakeWritable(index);
        Emit(EventKind.PteWritten, process, page, frame, 1);
        return true;
    }

    /// <summary>wp_can_reuse_anon_folio: nobody else maps or references the folio.</summary>
    private bool CanReuse(int folio)
    {
        if (_folios.Order[folio] == 0)
            return _folios.References[folio] == 1;
        // A lone mapped page is copied on purpose, so that the large folio can go.
        int mapcount = _folios.LargeMapcount[folio];
        return mapcount > 1 && !_folios.MmIds.IsShared(folio) && mapcount == _folios.References[folio];
    }

    /// <summary>wp_page_copy from the zero page.</summary>
    private bool CopyZeroPage(Process process, LeafTable leaf, int index, long page)
    {
        int copy = Allocate(0);
        if (copy < 0)
            return false;
        InstallCopy(process, leaf, index, page, copy, LeafTable.NoFrame);
        return true;
    }

    /// <summary>wp_page_copy: always a small folio. The old mapping and its reference go after the entry was switched.</summary>
    private bool CopyPage(Process process, LeafTable leaf, int index, long page)
    {
        int frame = leaf.Frames[index];
        int copy = Allocate(0);
        if (copy < 0)
            return false;
        _folios.Token[copy] = _folios.Token[frame];
        InstallCopy(process, leaf, index, page, copy, frame);
        int folio = _folios.Head[frame];
        _rmap.Remove(folio, frame, 1, process);
        Emit(EventKind.MapcountDown, process, page, frame, 1);
        DropReferences(folio, 1);
        return true;
    }

    private void InstallCopy(Process process, LeafTable leaf, int index, long page, int copy, int oldFrame)
    {
        Emit(EventKind.PteCleared, process, page, oldFrame, 1);
        Emit(EventKind.Flushed, process, page, LeafTable.NoFrame, 1);
        _rmap.AddNew(copy, process);
        Emit(EventKind.MapcountUp, process, page, copy, 1);
        leaf.Replace(index, copy);
        Emit(EventKind.PteWritten, process, page, copy, 1);
    }
}
