using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>A run of entries that one step of a walk takes together. All map one folio, or there is one entry of the zero page, or they are a PMD mapping.</summary>
internal readonly record struct Batch(long Page, int Count, Pte First)
{
    /// <summary>How many mappings these are: a PMD mapping is one.</summary>
    public int Mappings => First.Pmd ? 1 : Count;
}

/// <summary>Bits that end a batch where they change, beside what always ends it.</summary>
[Flags]
internal enum Respect
{
    Nothing = 0,

    /// <summary>FPB_RESPECT_DIRTY: fork.</summary>
    Dirty = 1,

    /// <summary>FPB_RESPECT_WRITE: mprotect.</summary>
    Write = 2,

    /// <summary>FPB_RESPECT_SOFT_DIRTY: mprotect, and fork where single entries say what was written.</summary>
    SoftDirty = 4,
}

/// <summary>Where a batch ends (folio_pte_batch_flags; SPECIFICATION.md 5.7.1, 17.6), said page by page.</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Whether the entry of the next page continues the batch of this one.</summary>
    private bool Continues(Process process, long page, long end, Respect respect)
    {
        Pte pte = process.PageTable[page];
        long next = page + 1;
        if (pte.Pmd)
            return next % _machine.EntriesPerTable != 0;
        return pte.Folio is not null
            && next < end
            && next % _machine.EntriesPerTable != 0
            && process.PageTable.TryGet(next, out Pte following)
            && following.Folio == pte.Folio
            && following.Index == pte.Index + 1
            && following.ProtNone == pte.ProtNone
            && following.Contiguous == pte.Contiguous
            && following.UffdWp == pte.UffdWp
            && ((respect & Respect.Dirty) == 0 || following.Dirty == pte.Dirty)
            && ((respect & Respect.Write) == 0 || following.Writable == pte.Writable)
            && ((respect & Respect.SoftDirty) == 0 || following.SoftDirty == pte.SoftDirty);
    }

    /// <summary>The batch that begins at a present page, before the batch policy.</summary>
    private Batch WholeBatch(Process process, long page, long end, Respect respect = Respect.Nothing)
    {
        long last = page;
        while (Continues(process, last, end, respect))
            last++;
        return new Batch(page, (int)(last - page + 1), process.PageTable[page]);
    }

    /// <summary>
    /// A walk over [start, end) of a VMA, batch by batch; what is done to a batch does not change those behind it. A PMD mapping that the range covers in part only is split
    /// when the walk comes to it.
    /// </summary>
    private IEnumerable<Batch> Walk(Process process, Vma vma, long start, long end, Respect respect = Respect.Nothing)
    {
        int size = _machine.EntriesPerTable;
        while (NextBatch(process, start, end, respect) is Batch batch)
        {
            if (batch.First.Pmd && (batch.Page % size != 0 || batch.Page + size > end))
            {
                SplitPmd(process, vma, batch.Page);
                continue;
            }
            start = batch.Page + batch.Count;
            yield return batch;
        }
    }

    /// <summary>The first batch at or after a page, as the machine's batch policy cuts it; null if nothing more is present.</summary>
    private Batch? NextBatch(Process process, long start, long end, Respect respect)
    {
        if (process.FirstPresent(start, end) is not long page)
            return null;
        Batch batch = WholeBatch(process, page, end, respect);
        bool single = _machine.Batches == BatchPolicy.Singles && !batch.First.Pmd;
        TellReads(process, batch, end, single);
        return single ? batch with { Count = 1 } : batch;
    }

    /// <summary>What descriptors are read for a batch: those that it has, and the one behind them, up to where nobody looks any more.</summary>
    private void TellReads(Process process, Batch batch, long end, bool single)
    {
        if (batch.First.Pmd)
            return;
        bool first = single || batch.First.Folio is not { IsLarge: true };
        long limit = first ? batch.Page + 1 : Math.Min(Math.Min(end, NextTable(batch.Page)), batch.Page - batch.First.Index + batch.First.Folio!.Pages);
        Emit(EventKind.PteRead, process, batch.Page, -1, process.PageTable.ReadsOfBatch(batch.Page, batch.Count, limit));
    }
}
