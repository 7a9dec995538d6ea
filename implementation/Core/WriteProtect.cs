using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Write faults on present read-only entries of private memory: do_wp_page (SPECIFICATION.md 4.3). Copies are made for those
/// who unshare too.
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Makes the page writable in place, or gives the process a copy. Returns false when memory ran out.</summary>
    private bool WriteProtectFault(Process process, Vma vma, LeafTable leaf, long page)
    {
        int index = process.Table.EntryOf(page);
        int frame = leaf.Frames[index];
        if (leaf.Special[index] || (!_folios.AnonExclusive[frame] && !CanReuse(_folios.Head[frame])))
            return CopyPage(process, vma, leaf, page, unshare: false);
        _folios.AnonExclusive.Set(frame);
        PtepSetAccessFlags(process, leaf, page, WrittenBits(vma), dirty: true);
        Emit(EventKind.PteWritten, process, page, frame, 1);
        return true;
    }

    /// <summary>maybe_mkwrite(pte_mkdirty(...)): bits that an entry has when a write fault leaves it.</summary>
    private PteBits WrittenBits(Vma vma) =>
        PteBits.Dirty | PteBits.Young | (vma.MayWrite ? PteBits.Writable : PteBits.None) | (_machine.SoftDirty ? PteBits.SoftDirty : PteBits.None);

    private void MarkWritten(Vma vma, LeafTable leaf, int index) => leaf.Add(index, WrittenBits(vma));

    /// <summary>wp_can_reuse_anon_folio: nobody else maps or references the folio.</summary>
    private bool CanReuse(int folio)
    {
        if (_folios.Order[folio] == 0)
            return _folios.References[folio] == 1;
        // A lone mapped page is copied on purpose, so that the large folio can go.
        int mapcount = _folios.LargeMapcount[folio];
        return mapcount > 1 && !_folios.MmIds.IsShared(folio) && mapcount == _folios.References[folio];
    }

    /// <summary>
    /// wp_page_copy: always a small folio. The old mapping and its reference go after the entry was switched. A copy that only
    /// unshares is read-only. Returns false when memory ran out.
    /// </summary>
    private bool CopyPage(Process process, Vma vma, LeafTable leaf, long page, bool unshare)
    {
        int copy = Allocate(0);
        if (copy < 0)
            return false;
        int index = process.Table.EntryOf(page);
        int frame = leaf.Frames[index];
        if (frame >= 0)
            _folios.Token[copy] = _folios.Token[frame];
        ClearPtes(process, leaf, page, 1);
        Emit(EventKind.PteCleared, process, page, frame, 1);
        Emit(EventKind.Flushed, process, page, LeafTable.NoFrame, 1);
        AddNewFolio(process, vma, page, copy, 1);
        leaf.Replace(index, copy);
        if (!unshare)
        {
            // A bit that a move left behind was the old page's.
            leaf.ClearUffdWp(index, index + 1);
            MarkWritten(vma, leaf, index);
        }
        SetPtes(process, leaf, page, 1);
        Emit(EventKind.PteWritten, process, page, copy, 1);
        if (frame >= 0)
            DropCopied(process, vma, page, frame);
        return true;
    }

    /// <summary>The page that a copy took the place of.</summary>
    private void DropCopied(Process process, Vma vma, long page, int frame)
    {
        int folio = _folios.Head[frame];
        _rmap.Remove(folio, frame, 1, process);
        if (vma.IsLocked)
            MunlockFolio(folio);
        Emit(EventKind.MapcountDown, process, page, frame, 1);
        DropReferences(folio, 1);
    }
}
