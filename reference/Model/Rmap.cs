using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>What follows from mapping and unmapping pages. Counts follow by themselves: they are read from the page tables.</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Mappings of one folio in all page tables.</summary>
    private FolioCount Count(Folio folio)
    {
        var count = new FolioCount(folio.Pages);
        foreach (Process process in _processes.Values)
        {
            foreach (Pte pte in process.PageTable.Descriptors)
            {
                if (pte.Folio == folio)
                    count.Add(pte);
            }
        }
        return count;
    }

    /// <summary>folio_maybe_mapped_shared of a large folio: a lone mapping is not shared, whatever the mark says (SPECIFICATION.md 5.5).</summary>
    private bool IsMaybeMappedShared(Folio folio) => Count(folio).Mapcount > 1 && folio.MaybeMappedShared;

    /// <summary>References: one a mapping, and what is held (G5).</summary>
    private int References(Folio folio) => Count(folio).Mapcount + folio.ExtraReferences;

    /// <summary>folio_add_new_anon_rmap: the entries of a fresh folio were written. Of a PMD mapping only the first page is marked AnonExclusive, for all.</summary>
    private static void AddNewRmap(Process process, Vma vma, Folio folio, bool pmd = false)
    {
        Array.Fill(folio.Exclusive, true, 0, pmd ? 1 : folio.Pages);
        if (folio.IsLarge)
            MmIds.Set(folio, process, pmd ? 1 : folio.Pages);
        if (vma.IsLocked)
            Mlock(folio);
    }

    /// <summary>folio_dup_anon_rmap_ptes and folio_add_anon_rmap_ptes: entries that map <paramref name="count"/> pages were written.</summary>
    private void AddRmap(Process process, Folio folio, int count)
    {
        if (folio.IsLarge)
            MmIds.Add(folio, process, count, Count(folio).Mapcount);
    }

    /// <summary>
    /// folio_remove_rmap_ptes, folio_remove_rmap_pmd: the entries that mapped pages [first, first + count) were cleared. The folio becomes partially mapped
    /// when this unmapped some page everywhere while some other page stays mapped (SPECIFICATION.md 5.2.6, 5.2.7, 6.2).
    /// </summary>
    private void RemoveRmap(Process process, Vma vma, Folio folio, int first, int count, bool pmd = false)
    {
        if (vma.IsLocked)
            Munlock(folio);
        if (!folio.IsLarge)
            return;
        FolioCount counts = Count(folio);
        MmIds.Sub(folio, process, pmd ? 1 : count, counts.Mapcount);
        bool unmappedSome = counts.Mapcounts.Skip(first).Take(count).Any(mapcount => mapcount == 0);
        if (unmappedSome && counts.PagesMapped > 0 && !folio.IsFile)
            DeferredSplit(folio);
    }

    /// <summary>folio_put: a folio without mappings and references dies.</summary>
    private void FreeIfUnused(Folio folio)
    {
        if (References(folio) > 0)
            return;

        _folios.Remove(folio);
        _deferredQueue.Remove(folio);
        FreeFrames(folio.Frame, folio.Pages);
        EmitFolio(EventKind.FolioFreed, folio.Frame, folio.Pages);
    }
}
