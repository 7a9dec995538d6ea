using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// MADV_FREE and MADV_COLD (madvise_free_pte_range, madvise_cold_or_pageout_pte_range; SPECIFICATION.md 6.4, 6.5): whole folios are treated as one,
/// a part of a folio that nobody shares splits it first.
/// </summary>
public sealed partial class ReferenceMemory
{
    private void MadviseFree(Process process, long start, long end) => TreatFolios(process, start, end, FreeBatch);

    private void MadviseCold(Process process, long start, long end) => TreatFolios(process, start, end, CoolBatch);

    /// <summary>Walks the batches of a range; <paramref name="treat"/> says whether it cleaned entries.</summary>
    private void TreatFolios(Process process, long start, long end, Func<Process, Batch, Folio, bool> treat)
    {
        bool cleanedAny = false;
        foreach (Vma vma in process.VmasIn(start, end))
        {
            long page = Math.Max(start, vma.Start);
            long last = Math.Min(end, vma.End);
            while (process.FirstPresent(page, last) is long first)
            {
                Batch batch = WholeBatch(process, first, last);
                page = first + batch.Count;
                if (batch.First.Folio is not Folio folio)
                    continue;
                if (batch.Count == folio.Pages)
                    cleanedAny |= treat(process, batch, folio);
                else if (!IsMaybeMappedShared(folio) && Split(folio))
                    page = first; // Its pages are small folios now: start again at the same page.
            }
        }
        if (cleanedAny)
            Emit(EventKind.Flushed, process, 0, -1, 0);
    }

    /// <summary>One whole folio for MADV_FREE.</summary>
    private bool FreeBatch(Process process, Batch batch, Folio folio)
    {
        if (folio.Dirty)
        {
            // Wholly mapped here: as many mappings as pages means that nobody else maps it.
            if (Count(folio).Mapcount != folio.Pages)
                return false;
            folio.Dirty = false;
        }
        bool cleaned = Clean(process, batch, pte => pte.Young || pte.Dirty, pte => pte with { Young = false, Dirty = false });
        // folio_mark_lazyfree leaves the unevictable list alone.
        if (!folio.Mlocked)
            folio.SwapBacked = false;
        return cleaned;
    }

    /// <summary>One whole folio for MADV_COLD.</summary>
    private bool CoolBatch(Process process, Batch batch, Folio folio) =>
        Count(folio).Mapcount == folio.Pages && Clean(process, batch, pte => pte.Young, pte => pte with { Young = false });

    /// <summary>clear_young_dirty_ptes. Returns whether there was anything to clear.</summary>
    private bool Clean(Process process, Batch batch, Func<Pte, bool> needs, Func<Pte, Pte> clean)
    {
        bool cleanedAny = false;
        foreach (Batch part in Batches(process, batch.Page, batch.Page + batch.Count))
        {
            List<long> pages = process.PresentPages(part.Page, part.Page + part.Count);
            if (!pages.Any(page => needs(process.PageTable[page])))
                continue;
            foreach (long page in pages)
                process.PageTable[page] = clean(process.PageTable[page]);
            Emit(EventKind.PteCleaned, process, part.Page, FrameOf(part.First), part.Count);
            cleanedAny = true;
        }
        return cleanedAny;
    }
}
