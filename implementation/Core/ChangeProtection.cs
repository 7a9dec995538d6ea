using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>What becomes of the protection by userfaultfd: MM_CP_UFFD_WP and MM_CP_UFFD_WP_RESOLVE.</summary>
internal enum UffdWpChange
{
    None,
    Protect,
    Resolve,
}

/// <summary>
/// change_protection: the entries of a range are made to fit the rights and flags of their VMA, for mprotect and for userfaultfd
/// (SPECIFICATION.md 12.2, 17.12, 17.17).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    private void ChangeEntries(Process process, Vma vma, long from, long end, UffdWpChange change)
    {
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
        {
            LeafTable leaf = range.Leaf;
            int index = leaf.Present.NextSet(range.From, range.End);
            while (index < range.End)
                index = leaf.Present.NextSet(ChangeBatch(process, vma, range, index, change), range.End);
        }
        FlushIfNeeded(process);
    }

    /// <summary>change_pte_range for one batch; returns its end.</summary>
    private int ChangeBatch(Process process, Vma vma, in PageTable.LeafRange range, int index, UffdWpChange change)
    {
        LeafTable leaf = range.Leaf;
        long page = range.FirstPage + index;
        int frame = leaf.Frames[index];
        int count = leaf.Special[index] ? 1 : _batches.Length(leaf, index, range.End, BatchCuts.Write | BatchCuts.SoftDirty);
        int end = index + count;
        _flushNeeded = true;
        Emit(EventKind.PteCleared, process, page, frame, count);
        leaf.SmearYoungAndDirty(index, end);
        if (change == UffdWpChange.Protect)
            leaf.SetUffdWp(index, end);
        else if (change == UffdWpChange.Resolve)
            leaf.ClearUffdWp(index, end);
        ApplyRights(vma, leaf, index, end);
        Emit(EventKind.PteWritten, process, page, frame, count);
        return end;
    }

    /// <summary>pte_modify and can_change_pte_writable: only what is exclusive may be written without a fault, page by page.</summary>
    private void ApplyRights(Vma vma, LeafTable leaf, int index, int end)
    {
        if (vma.Protection == Protection.None)
            leaf.ProtNone.SetRange(index, end);
        else
            leaf.ProtNone.ClearRange(index, end);
        // What else denies the write bit is the same all through a batch.
        if (vma.MayWrite && !leaf.Special[index] && !MustFaultOnStore(vma, leaf, index))
            leaf.Writable.CopyShifted(_folios.AnonExclusive, leaf.Frames[index], index, end);
        else
            leaf.Writable.ClearRange(index, end);
    }

    /// <summary>userfaultfd_pte_wp and pte_needs_soft_dirty_wp: somebody has to hear of the next store.</summary>
    private bool MustFaultOnStore(Vma vma, LeafTable leaf, int index) =>
        (vma.HasUffdWp && leaf.IsUffdWp(index)) || (_machine.SoftDirty && !vma.IsSoftDirty && !leaf.IsSoftDirty(index));
}
