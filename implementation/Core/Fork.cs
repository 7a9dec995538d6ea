using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>fork: copy_page_range for every VMA that has an anon_vma (SPECIFICATION.md 5.7, 17.11, 17.14 to 17.18).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Flags that a child's VMAs do not have: locks are not inherited, and the child has no userfaultfd.</summary>
    private const VmaFlags NotInherited = LockFlags | VmaFlags.UffdWp;

    private Outcome Fork(Process parent, int number)
    {
        if (number < 0 || _processes.Find(number) is not null)
            return Outcome.NoProcess;
        if (TakePendingFailure(0))
            return Outcome.OutOfMemory(0);
        Process child = _processes.Add(number);
        child.ThpDisable = parent.ThpDisable;
        child.Handles.Inherit(parent.Handles);
        bool complete = CopyAddressSpace(parent, child);
        Emit(EventKind.Flushed, parent, 0, LeafTable.NoFrame, 0);
        if (complete)
            return Outcome.Ok;
        // What was write-protected in the parent stays so.
        Exit(child);
        return Outcome.OutOfMemory(0);
    }

    /// <summary>dup_mmap. Returns false when memory ran out.</summary>
    private bool CopyAddressSpace(Process parent, Process child)
    {
        foreach (Vma vma in parent.Vmas.All)
        {
            if ((vma.Flags & VmaFlags.DontFork) != 0)
                continue;
            Vma copy = child.Vmas.Add(vma.Start, vma.End, vma.Protection, vma.Flags & ~NotInherited, vma.Offset);
            if ((vma.Flags & VmaFlags.WipeOnFork) != 0)
                continue;
            _anonVmas.Fork(vma, copy);
            // Without an anon_vma nothing but zero pages can be mapped: the child faults them in itself.
            // vma_needs_copy.
            bool copies = vma.AnonVma is not null || (vma.Flags & VmaFlags.MaybeGuard) != 0;
            if (copies && !CopyPages(parent, child, vma))
                return false;
        }
        return true;
    }

    private bool CopyPages(Process parent, Process child, Vma vma)
    {
        foreach (PageTable.LeafRange range in parent.Table.Within(vma.Start, vma.End))
        {
            if (range.Pmd is { } pmd && TryCopyPmd(parent, child, vma, range.FirstPage, pmd))
                continue;
            if (!CopyEntries(parent, child, vma, range))
                return false;
        }
        return true;
    }

    /// <summary>copy_pte_range: mappings batch by batch, entries of whole runs at once: nobody looks at them between two batches.</summary>
    private bool CopyEntries(Process parent, Process child, Vma vma, in PageTable.LeafRange range)
    {
        LeafTable leaf = range.Leaf;
        LeafTable copy = child.Table.FindOrCreate(range.FirstPage);
        // Where everything counts as written anyway nobody minds which entries do.
        BatchCuts cuts = vma.IsSoftDirty ? BatchCuts.Dirty : BatchCuts.Dirty | BatchCuts.SoftDirty;
        int written = range.From;
        int index = leaf.Present.NextSet(range.From, range.End);
        while (index < range.End)
        {
            int count = LookForBatch(parent, range, index, cuts);
            if (MustCopyPage(parent, leaf, index))
            {
                leaf.CopyForFork(copy, written, index);
                if (!CopyPinnedPage(child, vma, copy, index, range.FirstPage + index, leaf.Frames[index]))
                    return false;
                count = 1;
                written = index + 1;
            }
            else
            {
                // A batch that may not be shared as a whole is tried again page by page.
                if (parent.HasPinned && !leaf.Special[index] && IsRefused(leaf.Frames[index], count))
                    count = 1;
                ShareEntries(parent, child, range, copy, index, count, ref written);
            }
            index = leaf.Present.NextSet(index + count, range.End);
        }
        leaf.CopyForFork(copy, written, range.End);
        return true;
    }

    /// <summary>copy_present_ptes without a copy. Whether a block of the child can be folded is seen in its entries, so that they cannot wait then.</summary>
    private void ShareEntries(
        Process parent, Process child, in PageTable.LeafRange range, LeafTable copy, int index, int count, ref int written)
    {
        LeafTable leaf = range.Leaf;
        long page = range.FirstPage + index;
        int frame = leaf.Frames[index];
        int end = index + count;
        if (frame != LeafTable.NoFrame)
            CopyBatch(parent, child, leaf, index, page, count);
        if (_hasContpte)
        {
            leaf.CopyForFork(copy, written, end);
            // The parent's dirty bits are those of descriptors, of which one may speak for a block.
            if (leaf.IsDirty(index))
                copy.Dirty.SetRange(index, end);
            written = end;
        }
        if (leaf.IsSoftDirty(index))
            copy.SetSoftDirty(index, end);
        SetPtes(child, copy, page, count);
        Emit(EventKind.PteWritten, child, page, frame, count);
    }

    private void CopyBatch(Process parent, Process child, LeafTable leaf, int index, long page, int count)
    {
        int frame = leaf.Frames[index];
        int folio = _folios.Head[frame];
        TakeReferences(folio, count);
        _rmap.Dup(folio, frame, count, child);
        Emit(EventKind.MapcountUp, child, page, frame, count);
        if (!leaf.Writable.Any(index, index + count))
            return;
        WrprotectPtes(parent, leaf, page, count);
        Emit(EventKind.PteWriteProtected, parent, page, frame, count);
    }
}
