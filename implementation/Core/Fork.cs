using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>fork: copy_page_range for every VMA that has an anon_vma (SPECIFICATION.md 5.7).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome Fork(Process parent, int number)
    {
        if (number < 0 || _processes.Find(number) is not null)
            return Outcome.NoProcess;
        if (TakePendingFailure(0))
            return Outcome.OutOfMemory(0);
        Process child = _processes.Add(number);
        foreach (Vma vma in parent.Vmas.All)
        {
            Vma copy = child.Vmas.Add(vma.Start, vma.End, vma.Protection, vma.HugeAdvice);
            _anonVmas.Fork(vma, copy);
            // Without an anon_vma nothing but zero pages can be mapped: the child faults them in itself.
            if (vma.AnonVma is not null)
                CopyPages(parent, child, vma);
        }
        Emit(EventKind.Flushed, parent, 0, LeafTable.NoFrame, 0);
        return Outcome.Ok;
    }

    private void CopyPages(Process parent, Process child, Vma vma)
    {
        foreach (PageTable.LeafRange range in parent.Table.Within(vma.Start, vma.End))
        {
            if (!range.Leaf.Present.Any(range.From, range.End))
                continue;
            CopyMappings(parent, child, range);
            // Entries of the whole range at once: nobody looks at them between two batches.
            LeafTable copy = child.Table.FindOrCreate(range.FirstPage);
            range.Leaf.CopyForFork(copy, range.From, range.End);
        }
    }

    /// <summary>copy_present_ptes, batch by batch.</summary>
    private void CopyMappings(Process parent, Process child, in PageTable.LeafRange range)
    {
        LeafTable leaf = range.Leaf;
        int index = leaf.Present.NextSet(range.From, range.End);
        while (index < range.End)
        {
            long page = range.FirstPage + index;
            int count = 1;
            if (leaf.Special[index])
            {
                Emit(EventKind.PteWritten, child, page, LeafTable.NoFrame, 1);
            }
            else
            {
                count = _batches.Length(leaf, index, range.End, respectDirty: true);
                CopyBatch(parent, child, leaf, index, page, count);
            }
            index = leaf.Present.NextSet(index + count, range.End);
        }
    }

    private void CopyBatch(Process parent, Process child, LeafTable leaf, int index, long page, int count)
    {
        int frame = leaf.Frames[index];
        int folio = _folios.Head[frame];
        TakeReferences(folio, count);
        _rmap.Dup(folio, frame, count, child);
        Emit(EventKind.MapcountUp, child, page, frame, count);
        if (leaf.Writable.Any(index, index + count))
            Emit(EventKind.PteWriteProtected, parent, page, frame, count);
        Emit(EventKind.PteWritten, child, page, frame, count);
    }
}
