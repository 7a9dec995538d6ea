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
                TellReads(process, batch, last, single: false);
                page = first + batch.Count;
                if (batch.First.Folio is not Folio folio || batch.First.Pmd && IsMaybeMappedShared(folio))
                    continue;
                if (batch.Count == folio.Pages && page <= last)
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
        // Wholly mapped here: as many mappings as pages means that nobody else maps it. A PMD mapping that may be shared was left out before.
        if (folio.Dirty && !batch.First.Pmd && Count(folio).Mapcount != folio.Pages)
            return false;
        folio.Dirty = false;
        bool cleaned = Clean(process, batch, dirtyToo: true);
        // folio_mark_lazyfree leaves the unevictable list alone.
        if (!folio.Mlocked)
            folio.SwapBacked = false;
        return cleaned;
    }

    /// <summary>One whole folio for MADV_COLD.</summary>
    private bool CoolBatch(Process process, Batch batch, Folio folio) =>
        (batch.First.Pmd || Count(folio).Mapcount == folio.Pages) && Clean(process, batch, dirtyToo: false);

    /// <summary>clear_young_dirty_ptes, of what has something to clear. Returns whether anything had.</summary>
    private bool Clean(Process process, Batch batch, bool dirtyToo)
    {
        bool cleanedAny = false;
        int size = _machine.Batches == BatchPolicy.Singles && !batch.First.Pmd ? 1 : batch.Count;
        for (long page = batch.Page; page < batch.Page + batch.Count; page += size)
        {
            Pte[] entries = [.. process.Entries(page, page + size).Select(entry => entry.Pte)];
            if (!entries.Any(pte => pte.Young || dirtyToo && pte.Dirty))
                continue;
            if (batch.First.Pmd)
                process.PageTable.ChangePmd(page, pte => pte with { Young = false, Dirty = pte.Dirty && !dirtyToo });
            else
                process.PageTable.Clean(page, size, dirtyToo);
            Emit(EventKind.PteCleaned, process, page, FrameOf(entries[0]), size);
            cleanedAny = true;
        }
        return cleanedAny;
    }
}
