using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// clear_refs: from now on the first store to each page faults, and leaves the soft-dirty bit behind (SPECIFICATION.md 17.18).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome ClearSoftDirty(Process process)
    {
        if (!_machine.SoftDirty)
            return Outcome.Ok;
        foreach (Vma vma in process.Vmas.All)
            vma.Flags &= ~VmaFlags.SoftDirty;
        foreach (PageTable.LeafRange range in process.Table.Within(0, Machine.AddressSpacePages))
        {
            if (range.Pmd is { } pmd)
                ClearSoftDirty(process, range.FirstPage, pmd);
            else
                ClearSoftDirty(process, range);
        }
        Emit(EventKind.Flushed, process, 0, LeafTable.NoFrame, 0);
        return Outcome.Ok;
    }

    /// <summary>clear_soft_dirty_pmd, which does not ask whether the folio is pinned.</summary>
    private void ClearSoftDirty(Process process, long block, PmdMapping pmd)
    {
        Emit(EventKind.PteCleared, process, block, pmd.Frame, _machine.EntriesPerTable);
        pmd.Clear(PteBits.Writable | PteBits.SoftDirty);
        Emit(EventKind.PteWritten, process, block, pmd.Frame, _machine.EntriesPerTable);
    }

    /// <summary>clear_refs_pte_range.</summary>
    private void ClearSoftDirty(Process process, in PageTable.LeafRange range)
    {
        LeafTable leaf = range.Leaf;
        for (int index = leaf.Present.NextSet(range.From, range.End); index < range.End; index = leaf.Present.NextSet(index + 1, range.End))
        {
            int frame = leaf.Frames[index];
            if (process.HasPinned && IsWritablePinned(leaf, index))
                continue;
            ClearPtes(process, leaf, range.FirstPage + index, 1);
            Emit(EventKind.PteCleared, process, range.FirstPage + index, frame, 1);
            leaf.Writable.Clear(index);
            leaf.SoftDirty.Clear(index);
            SetPtes(process, leaf, range.FirstPage + index, 1);
            Emit(EventKind.PteWritten, process, range.FirstPage + index, frame, 1);
        }
    }

    /// <summary>pte_is_pinned: a write fault might copy the page away from the device that writes to it.</summary>
    private bool IsWritablePinned(LeafTable leaf, int index) =>
        leaf.Writable[index] && _folios.MaybePinned(_folios.Head[leaf.Frames[index]]);
}
