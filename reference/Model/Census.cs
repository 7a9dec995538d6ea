namespace FolioCheck.Reference;

/// <summary>The mappings of one folio, counted in the page tables.</summary>
internal sealed class FolioCount(int pages)
{
    /// <summary>Entries that map each page, in all processes (G1).</summary>
    public int[] Mapcounts { get; } = new int[pages];

    /// <summary>All mappings (G2).</summary>
    public int Mapcount => Mapcounts.Sum();

    /// <summary>Pages that something maps (G3).</summary>
    public int PagesMapped => Mapcounts.Count(mapcount => mapcount > 0);
}

/// <summary>All counts of SPECIFICATION.md section 2, recomputed by walking every page table.</summary>
internal sealed class Census
{
    private readonly Dictionary<Folio, FolioCount> _counts = [];

    public Census(IEnumerable<Process> processes)
    {
        foreach (Process process in processes)
        {
            foreach (Pte pte in process.PageTable.Values)
            {
                if (pte.Folio is not null)
                    Count(pte.Folio).Mapcounts[pte.Index]++;
            }
        }
    }

    /// <summary>The counts of one folio.</summary>
    public FolioCount this[Folio folio] => Count(folio);

    /// <summary>Whether anything maps the folio.</summary>
    public bool IsMapped(Folio folio) => Count(folio).Mapcount > 0;

    private FolioCount Count(Folio folio)
    {
        if (!_counts.TryGetValue(folio, out FolioCount? count))
        {
            count = new FolioCount(folio.Pages);
            _counts.Add(folio, count);
        }
        return count;
    }
}
