using System.Numerics;
using System.Runtime.InteropServices;

namespace FolioCheck.Implementation;

/// <summary>
/// Mappings of folio pages, in batches (SPECIFICATION.md 5.2): mapcounts, large mapcounts, _nr_pages_mapped, MM-ID slots,
/// NR_ANON_MAPPED, the RSS of the process, and the moment at which a folio becomes partially mapped.
/// References are the caller's business: taken before a mapping is added, dropped after it is removed.
/// </summary>
internal sealed class Rmap(FolioTable folios)
{
    /// <summary>NR_ANON_MAPPED: pages with at least one mapping.</summary>
    public long AnonMapped { get; private set; }

    /// <summary>NR_ANON_THPS, in pages: those of folios that a PMD maps.</summary>
    public long AnonThps { get; private set; }

    /// <summary>NR_FILE_MAPPED: pages of the file with at least one mapping.</summary>
    public long FileMapped { get; private set; }

    /// <summary>folio_add_new_anon_rmap with RMAP_EXCLUSIVE: all pages of a fresh folio.</summary>
    public void AddNew(int folio, Process process)
    {
        int order = folios.Order[folio];
        int pages = 1 << order;
        folios.Mapcount.AsSpan(folio, pages).Fill(1);
        folios.AnonExclusive.SetRange(folio, folio + pages);
        if (order > 0)
        {
            folios.LargeMapcount[folio] = pages;
            folios.PagesMapped[folio] = pages;
            folios.MmIds.Set(folio, process.Number, pages);
            folios.Statistics[order].NrAnon++;
        }
        AnonMapped += pages;
        process.RssAnon += pages;
    }

    /// <summary>
    /// folio_try_dup_anon_rmap_ptes: a fork maps pages again. The parent maps each of them, so none goes from unmapped to
    /// mapped: _nr_pages_mapped and NR_ANON_MAPPED stay. No page is exclusive afterwards.
    /// </summary>
    public void Dup(int folio, int frame, int count, Process child)
    {
        folios.AnonExclusive.ClearRange(frame, frame + count);
        child.RssAnon += count;
        if (folios.Order[folio] == 0)
        {
            folios.Mapcount[frame]++;
            return;
        }
        AddOne(folios.Mapcount.AsSpan(frame, count));
        folios.LargeMapcount[folio] += count;
        folios.MmIds.Add(folio, child.Number, count, folios.LargeMapcount[folio]);
    }

    /// <summary>folio_remove_rmap_ptes.</summary>
    public void Remove(int folio, int frame, int count, Process process)
    {
        if (Unmap(folio, frame, count, process))
            folios.Deferred.MarkPartiallyMapped(folio);
    }

    /// <summary>
    /// Removes mappings; returns whether the folio lost its last mapping of some page and keeps one of another, which is
    /// what makes it partially mapped (SPECIFICATION.md 6.2).
    /// </summary>
    public bool Unmap(int folio, int frame, int count, Process process)
    {
        process.RssAnon -= count;
        int last = RemoveOne(folios.Mapcount.AsSpan(frame, count));
        if (folios.Order[folio] == 0)
        {
            AnonMapped -= last;
            return false;
        }
        folios.LargeMapcount[folio] -= count;
        folios.PagesMapped[folio] -= last;
        folios.MmIds.Subtract(folio, process.Number, count, folios.LargeMapcount[folio]);
        // With a PMD mapping every page stays mapped.
        if (folios.EntireMapcount[folio] > 0)
            return false;
        AnonMapped -= last;
        return last > 0 && folios.PagesMapped[folio] > 0;
    }

    /// <summary>folio_add_file_rmap_ptes.</summary>
    public void AddFile(int folio, int frame, int count, Process process)
    {
        process.RssFile += count;
        int first = 0;
        foreach (ref int mapcount in folios.Mapcount.AsSpan(frame, count))
        {
            first += mapcount == 0 ? 1 : 0;
            mapcount++;
        }
        FileMapped += first;
        if (folios.Order[folio] == 0)
            return;
        folios.PagesMapped[folio] += first;
        folios.LargeMapcount[folio] += count;
        folios.MmIds.Add(folio, process.Number, count, folios.LargeMapcount[folio]);
    }

    /// <summary>folio_remove_rmap_ptes of a folio of the file, which is never partially mapped.</summary>
    public void RemoveFile(int folio, int frame, int count, Process process)
    {
        process.RssFile -= count;
        int last = RemoveOne(folios.Mapcount.AsSpan(frame, count));
        FileMapped -= last;
        if (folios.Order[folio] == 0)
            return;
        folios.PagesMapped[folio] -= last;
        folios.LargeMapcount[folio] -= count;
        folios.MmIds.Subtract(folio, process.Number, count, folios.LargeMapcount[folio]);
    }

    /// <summary>folio_add_anon_rmap_pte for a page of a piece that a folio split left behind; AnonExclusive is as it was.</summary>
    public void Restore(int folio, int frame, Process process)
    {
        process.RssAnon++;
        bool first = folios.Mapcount[frame] == 0;
        folios.Mapcount[frame]++;
        if (first)
            AnonMapped++;
        if (folios.Order[folio] == 0)
            return;
        if (first)
            folios.PagesMapped[folio]++;
        folios.LargeMapcount[folio]++;
        folios.MmIds.Add(folio, process.Number, 1, folios.LargeMapcount[folio]);
    }

    /// <summary>folio_add_new_anon_rmap of a folio that a PMD maps: one mapping, exclusive as a whole.</summary>
    public void AddNewPmd(int folio, Process process)
    {
        int pages = 1 << folios.Order[folio];
        folios.AnonExclusive.ClearRange(folio, folio + pages);
        folios.AnonExclusive.Set(folio);
        folios.LargeMapcount[folio] = 1;
        folios.EntireMapcount[folio] = 1;
        folios.MmIds.Set(folio, process.Number, 1);
        folios.Statistics[folios.Order[folio]].NrAnon++;
        AnonMapped += pages;
        AnonThps += pages;
        process.RssAnon += pages;
    }

    /// <summary>folio_add_anon_rmap_pmd: a folio that entries map is mapped by a PMD, too. Pages that they map count as mapped already.</summary>
    public void AddPmd(int folio, Process process)
    {
        int pages = 1 << folios.Order[folio];
        process.RssAnon += pages;
        folios.EntireMapcount[folio]++;
        folios.LargeMapcount[folio]++;
        folios.MmIds.Add(folio, process.Number, 1, folios.LargeMapcount[folio]);
        if (folios.EntireMapcount[folio] > 1)
            return;
        AnonThps += pages;
        AnonMapped += pages - folios.PagesMapped[folio];
    }

    /// <summary>folio_try_dup_anon_rmap_pmd: a fork maps the folio by a PMD again. It is not exclusive afterwards.</summary>
    public void DupPmd(int folio, Process child)
    {
        folios.AnonExclusive.Clear(folio);
        child.RssAnon += 1 << folios.Order[folio];
        folios.EntireMapcount[folio]++;
        folios.LargeMapcount[folio]++;
        folios.MmIds.Add(folio, child.Number, 1, folios.LargeMapcount[folio]);
    }

    /// <summary>folio_remove_rmap_pmd.</summary>
    public void RemovePmd(int folio, Process process)
    {
        if (UnmapPmd(folio, process))
            folios.Deferred.MarkPartiallyMapped(folio);
    }

    /// <summary>
    /// Removes a PMD mapping; returns whether with the last one some pages lost their last mapping while entries still map others.
    /// </summary>
    public bool UnmapPmd(int folio, Process process)
    {
        int pages = 1 << folios.Order[folio];
        process.RssAnon -= pages;
        folios.EntireMapcount[folio]--;
        folios.LargeMapcount[folio]--;
        folios.MmIds.Subtract(folio, process.Number, 1, folios.LargeMapcount[folio]);
        if (folios.EntireMapcount[folio] > 0)
            return false;
        AnonThps -= pages;
        AnonMapped -= pages - folios.PagesMapped[folio];
        return folios.PagesMapped[folio] > 0 && folios.PagesMapped[folio] < pages;
    }

    /// <summary>
    /// folio_add_anon_rmap_ptes for all pages of a folio, while the PMD mapping that is being split still counts: the pages count as mapped already. What was
    /// exclusive as a whole is so page by page.
    /// </summary>
    public void AddEntriesOfPmd(int folio, Process process)
    {
        int pages = 1 << folios.Order[folio];
        process.RssAnon += pages;
        foreach (ref int mapcount in folios.Mapcount.AsSpan(folio, pages))
        {
            if (mapcount == 0)
                folios.PagesMapped[folio]++;
            mapcount++;
        }
        folios.LargeMapcount[folio] += pages;
        folios.MmIds.Add(folio, process.Number, pages, folios.LargeMapcount[folio]);
        if (folios.AnonExclusive[folio])
            folios.AnonExclusive.SetRange(folio, folio + pages);
    }

    private static void AddOne(Span<int> mapcounts)
    {
        Span<Vector<int>> chunks = MemoryMarshal.Cast<int, Vector<int>>(mapcounts);
        foreach (ref Vector<int> chunk in chunks)
            chunk += Vector<int>.One;
        foreach (ref int mapcount in mapcounts[(chunks.Length * Vector<int>.Count)..])
            mapcount++;
    }

    /// <summary>Takes one from each; returns how many became zero.</summary>
    private static int RemoveOne(Span<int> mapcounts)
    {
        int last = 0;
        Span<Vector<int>> chunks = MemoryMarshal.Cast<int, Vector<int>>(mapcounts);
        foreach (ref Vector<int> chunk in chunks)
        {
            chunk -= Vector<int>.One;
            // A lane that compares equal holds -1.
            last -= Vector.Sum(Vector.Equals(chunk, Vector<int>.Zero));
        }
        foreach (ref int mapcount in mapcounts[(chunks.Length * Vector<int>.Count)..])
        {
            mapcount--;
            if (mapcount == 0)
                last++;
        }
        return last;
    }
}
