using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Removing mappings: munmap, MADV_DONTNEED, exit (unmap_vmas, zap_pte_range; SPECIFICATION.md 6.1).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Clears the entries of [start, end), VMA by VMA; references are dropped when all are cleared and flushed.</summary>
    private void Zap(Process process, long start, long end)
    {
        var gathered = new List<Batch>();
        foreach (Vma vma in process.VmasIn(start, end))
        {
            foreach (Batch batch in Walk(process, vma, Math.Max(start, vma.Start), Math.Min(end, vma.End)))
            {
                ZapBatch(process, vma, batch);
                gathered.Add(batch);
            }
        }
        if (gathered.Count == 0)
            return;
        Emit(EventKind.Flushed, process, 0, -1, 0);
        DropReferences(gathered);
    }

    private void ZapBatch(Process process, Vma vma, Batch batch)
    {
        if (batch.First.Pmd)
        {
            // A table was deposited for the time when the mapping would be split.
            process.PageTable.ClearPmd(batch.Page);
            process.Tables.Remove(BlockOf(batch.Page));
        }
        else
        {
            Pte cleared = process.PageTable.Clear(batch.Page, batch.Count);
            if (cleared.Folio is { IsFile: true } cached)
                cached.Dirty |= cleared.Dirty;
        }
        Emit(EventKind.PteCleared, process, batch.Page, FrameOf(batch.First), batch.Count);
        if (batch.First.Folio is null)
            return;
        RemoveRmap(process, vma, batch.First.Folio, batch.First.Index, batch.Count, batch.First.Pmd);
        Emit(EventKind.MapcountDown, process, batch.Page, FrameOf(batch.First), batch.Mappings);
    }

    /// <summary>folio_put_refs, once a batch. A folio dies with its last gathered batch if nothing maps it any more.</summary>
    private void DropReferences(List<Batch> gathered)
    {
        for (int i = 0; i < gathered.Count; i++)
        {
            Folio? folio = gathered[i].First.Folio;
            if (folio is null)
                continue;
            EmitFolio(EventKind.ReferenceDown, folio.Frame, gathered[i].Mappings);
            bool last = !gathered.Skip(i + 1).Any(later => later.First.Folio == folio);
            if (last)
                FreeIfUnused(folio);
        }
    }

    private Outcome Exit(Process process)
    {
        Zap(process, 0, long.MaxValue);
        foreach (Hold hold in process.Holds.Values)
            Release(hold);
        foreach (Hold lost in process.LostHolds)
            Release(lost);
        _processes.Remove(process.Number);
        return Outcome.Ok;
    }
}
