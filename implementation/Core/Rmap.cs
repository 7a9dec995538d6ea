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
        AnonMapped -= last;
        if (folios.Order[folio] == 0)
            return false;
        folios.LargeMapcount[folio] -= count;
        folios.PagesMapped[folio] -= last;
        folios.MmIds.Subtract(folio, process.Number, count, folios.LargeMapcount[folio]);
        return last > 0 && folios.PagesMapped[folio] > 0;
    }

    /// <summary>folio_add_anon_rmap_pte for a small folio that a folio split left behind; AnonExclusive is as it was.</summary>
    public void Restore(int frame, Process process)
    {
        if (folios.Mapcount[frame]++ == 0)
            AnonMapped++;
        process.RssAnon++;
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
        if (chunks.Length > 0)
        {
            Vector<int> zeros = Vector<int>.Zero;
            foreach (ref Vector<int> chunk in chunks)
            {
                chunk -= Vector<int>.One;
                // A lane that compares equal holds -1.
                zeros -= Vector.Equals(chunk, Vector<int>.Zero);
            }
            last = Vector.Sum(zeros);
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
