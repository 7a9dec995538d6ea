using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// fork of pinned memory: what a device may be writing to must stay with the parent, so the child gets copies
/// (SPECIFICATION.md 5.7, 17.14).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>
    /// folio_try_dup_anon_rmap_ptes says EBUSY: somebody may have pinned the folio, and through one of these pages, which is
    /// exclusive. Pages that an earlier fork shared were not pinned through this mapping.
    /// </summary>
    private bool IsRefused(int frame, int count) =>
        _folios.MaybePinned(_folios.Head[frame]) && _folios.AnonExclusive.Any(frame, frame + count);

    /// <summary>
    /// Whether the page of an entry cannot be shared. With the first page shared alone the rest of a batch is tried again, so
    /// only that page decides.
    /// </summary>
    private bool MustCopyPage(Process parent, LeafTable leaf, int index) =>
        parent.HasPinned && !leaf.Special[index] && IsRefused(leaf.Frames[index], 1);

    /// <summary>
    /// copy_present_page: a small folio of the child's own. The parent's entry stays as it is. Returns false when memory ran out.
    /// </summary>
    private bool CopyPinnedPage(Process child, Vma vma, LeafTable leaf, int index, long page, int frame)
    {
        int copy = Allocate(0);
        if (copy < 0)
            return false;
        _folios.Token[copy] = _folios.Token[frame];
        _folios.Index[copy] = page + vma.Offset;
        _rmap.AddNew(copy, child);
        Emit(EventKind.MapcountUp, child, page, copy, 1);
        leaf.WriteFresh(index, copy, 1, writable: false);
        MarkWritten(vma, leaf, index);
        if (vma.Protection == Protection.None)
            leaf.ProtNone.Set(index);
        SetPtes(child, leaf, page, 1);
        Emit(EventKind.PteWritten, child, page, copy, 1);
        return true;
    }
}
