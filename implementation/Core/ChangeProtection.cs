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
            if (range.Pmd is { } pmd)
            {
                if (range.IsWhole)
                {
                    ChangePmd(process, vma, range.FirstPage, pmd, change);
                    continue;
                }
                SplitPmd(process, vma, range.FirstPage);
            }
            LeafTable leaf = range.Leaf;
            int index = leaf.Present.NextSet(range.From, range.End);
            while (index < range.End)
                index = leaf.Present.NextSet(ChangeBatch(process, vma, range, index, change), range.End);
        }
        FlushIfNeeded(process);
    }

    /// <summary>change_huge_pmd.</summary>
    private void ChangePmd(Process process, Vma vma, long block, PmdMapping pmd, UffdWpChange change)
    {
        _flushNeeded = true;
        Emit(EventKind.PteCleared, process, block, pmd.Frame, _machine.EntriesPerTable);
        if (change != UffdWpChange.None)
            pmd.Change(PteBits.UffdWp, change == UffdWpChange.Protect);
        ApplyRights(vma, pmd);
        Emit(EventKind.PteWritten, process, block, pmd.Frame, _machine.EntriesPerTable);
    }

    /// <summary>pmd_modify and can_change_pmd_writable.</summary>
    private void ApplyRights(Vma vma, PmdMapping pmd)
    {
        pmd.Change(PteBits.ProtNone, vma.Protection == Protection.None);
        bool exclusive = !pmd.IsZeroPage && _folios.AnonExclusive[pmd.Frame];
        pmd.Change(PteBits.Writable, vma.MayWrite && exclusive && !MustFaultOnStore(vma, pmd.Bits));
    }

    /// <summary>change_pte_range for one batch; returns its end.</summary>
    private int ChangeBatch(Process process, Vma vma, in PageTable.LeafRange range, int index, UffdWpChange change)
    {
        LeafTable leaf = range.Leaf;
        long page = range.FirstPage + index;
        int frame = leaf.Frames[index];
        int count = LookForBatch(process, range, index, BatchCuts.Write | BatchCuts.SoftDirty);
        int end = index + count;
        _flushNeeded = true;
        ClearPtes(process, leaf, page, count);
        Emit(EventKind.PteCleared, process, page, frame, count);
        leaf.SmearYoungAndDirty(index, end);
        if (change == UffdWpChange.Protect)
            leaf.SetUffdWp(index, end);
        else if (change == UffdWpChange.Resolve)
            leaf.ClearUffdWp(index, end);
        ApplyRights(vma, leaf, index, end);
        CommitPtes(process, leaf, page, count);
        Emit(EventKind.PteWritten, process, page, frame, count);
        return end;
    }

    /// <summary>modify_prot_commit_ptes: entries of a batch were written, in runs that may be stored to or not.</summary>
    private void CommitPtes(Process process, LeafTable leaf, long page, int count)
    {
        if (!HasEvents && !_hasContpte)
            return;
        int index = process.Table.EntryOf(page);
        int end = index + count;
        while (index < end)
        {
            int stop = leaf.Writable.EndOfRun(index, end);
            SetPtes(process, leaf, page, stop - index);
            page += stop - index;
            index = stop;
        }
    }

    /// <summary>pte_modify and can_change_pte_writable: only what is exclusive may be written without a fault, page by page.</summary>
    private void ApplyRights(Vma vma, LeafTable leaf, int index, int end)
    {
        if (vma.Protection == Protection.None)
            leaf.ProtNone.SetRange(index, end);
        else
            leaf.ProtNone.ClearRange(index, end);
        // What else denies the write bit is the same all through a batch.
        if (vma.MayWrite && !leaf.Special[index] && !MustFaultOnStore(vma, leaf.RightsOf(index)))
            leaf.Writable.CopyShifted(_folios.AnonExclusive, leaf.Frames[index], index, end);
        else
            leaf.Writable.ClearRange(index, end);
    }

    /// <summary>userfaultfd_pte_wp and pte_needs_soft_dirty_wp: somebody has to hear of the next store.</summary>
    private bool MustFaultOnStore(Vma vma, PteBits bits) =>
        (vma.HasUffdWp && (bits & PteBits.UffdWp) != 0) || (_machine.SoftDirty && !vma.IsSoftDirty && (bits & PteBits.SoftDirty) == 0);
}
