using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>MADV_FREE (madvise_free_pte_range; SPECIFICATION.md 6.4).</summary>
public sealed partial class ReferenceMemory
{
    private void MadviseFree(Process process, long start, long end)
    {
        bool cleanedAny = false;
        foreach (Vma vma in process.VmasIn(start, end))
            cleanedAny |= MadviseFree(process, vma, Math.Max(start, vma.Start), Math.Min(end, vma.End));
        if (cleanedAny)
            Emit(EventKind.Flushed, process, 0, -1, 0);
    }

    /// <summary>Returns whether any entry was cleaned.</summary>
    private bool MadviseFree(Process process, Vma vma, long start, long end)
    {
        bool cleanedAny = false;
        long page = start;
        while (process.PresentPages(page, end) is [long first, ..])
        {
            Batch batch = WholeBatch(process, first, end, respectDirty: false);
            page = first + batch.Count;
            Folio? folio = batch.First.Folio;
            if (folio is null)
                continue;
            if (batch.Count < folio.Pages)
            {
                if (IsMaybeMappedShared(folio))
                    continue;
                Split(folio);
                // Its pages are small folios now: start again at the same page.
                page = first;
                continue;
            }
            if (folio.Dirty)
            {
                // Wholly mapped here: as many mappings as pages means that nobody else maps it.
                if (Count(folio).Mapcount != folio.Pages)
                    continue;
                folio.Dirty = false;
            }
            cleanedAny |= Clean(process, batch);
            folio.SwapBacked = false;
        }
        return cleanedAny;
    }

    /// <summary>clear_young_dirty_ptes. Returns whether there was anything to clear.</summary>
    private bool Clean(Process process, Batch batch)
    {
        var range = Batches(process, batch.Page, batch.Page + batch.Count, respectDirty: false);
        bool cleanedAny = false;
        foreach (Batch part in range)
        {
            List<long> pages = process.PresentPages(part.Page, part.Page + part.Count);
            if (!pages.Any(page => process.PageTable[page].Young || process.PageTable[page].Dirty))
                continue;
            foreach (long page in pages)
                process.PageTable[page] = process.PageTable[page] with { Young = false, Dirty = false };
            Emit(EventKind.PteCleaned, process, part.Page, FrameOf(part.First), part.Count);
            cleanedAny = true;
        }
        return cleanedAny;
    }
}
