using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>fork: VMAs and anon_vmas cloned, page tables copied and shared copy-on-write (dup_mmap, copy_page_range; SPECIFICATION.md 5.7).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome Fork(Process parent, int number)
    {
        if (number < 0 || _processes.ContainsKey(number))
            return Outcome.NoProcess;
        if (_failNext.Remove(0))
            return Outcome.OutOfMemory(0);
        var child = new Process(number);
        _processes.Add(number, child);
        foreach (Vma vma in parent.Vmas.Values)
        {
            child.Vmas.Add(vma.Start, ForkAnonVma(vma));
            // Without an anon_vma there is nothing but zero pages: vma_needs_copy leaves them to be faulted again.
            if (vma.AnonVma is not null)
                CopyPageRange(parent, child, vma);
        }
        Emit(EventKind.Flushed, parent, 0, -1, 0);
        return Outcome.Ok;
    }

    private void CopyPageRange(Process parent, Process child, Vma vma)
    {
        foreach (Batch batch in Batches(parent, vma.Start, vma.End, respectDirty: true))
        {
            if (batch.First.Folio is null)
                CopyZeroEntry(child, batch);
            else
                CopyBatch(parent, child, batch, batch.First.Folio);
        }
    }

    private void CopyZeroEntry(Process child, Batch batch)
    {
        child.PageTable[batch.Page] = batch.First with { Young = false };
        Emit(EventKind.PteWritten, child, batch.Page, -1, 1);
    }

    /// <summary>copy_present_ptes: both sides lose the write bit, every page loses AnonExclusive, the child's entries are old.</summary>
    private void CopyBatch(Process parent, Process child, Batch batch, Folio folio)
    {
        bool anyWritable = false;
        for (int i = 0; i < batch.Count; i++)
        {
            long page = batch.Page + i;
            Pte pte = parent.PageTable[page];
            anyWritable |= pte.Writable;
            parent.PageTable[page] = pte with { Writable = false };
            child.PageTable[page] = pte with { Writable = false, Young = false };
            folio.Exclusive[pte.Index] = false;
        }
        AddRmap(child, folio, batch.Count);
        EmitFolio(EventKind.ReferenceUp, folio.Frame, batch.Count);
        Emit(EventKind.MapcountUp, child, batch.Page, FrameOf(batch.First), batch.Count);
        if (anyWritable)
            Emit(EventKind.PteWriteProtected, parent, batch.Page, FrameOf(batch.First), batch.Count);
        Emit(EventKind.PteWritten, child, batch.Page, FrameOf(batch.First), batch.Count);
    }
}
