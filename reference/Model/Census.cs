namespace FolioCheck.Reference;

/// <summary>The mappings of one folio, counted in the page tables.</summary>
internal sealed class FolioCount(int pages)
{
    /// <summary>Mappings of each page, in all processes: by entries and by PMDs (5.5, preciseMapcount).</summary>
    public int[] Mapcounts { get; } = new int[pages];

    /// <summary>PMD mappings (G1).</summary>
    public int Entire { get; private set; }

    /// <summary>All mappings; a PMD mapping is one (G2).</summary>
    public int Mapcount => Mapcounts.Sum() - (Entire * (Mapcounts.Length - 1));

    /// <summary>Pages that something maps (G8).</summary>
    public int PagesMapped => Mapcounts.Count(mapcount => mapcount > 0);

    /// <summary>Counts what one entry maps.</summary>
    public void Add(Pte pte)
    {
        Mapcounts[pte.Index]++;
        if (pte.Pmd && pte.Index == 0)
            Entire++;
    }
}

/// <summary>All counts of SPECIFICATION.md section 2, recomputed by walking every page table.</summary>
internal sealed class Census
{
    private readonly Dictionary<Folio, FolioCount> _counts = [];

    public Census(IEnumerable<Process> processes)
    {
        foreach (Process process in processes)
        {
            foreach (Pte pte in process.PageTable.Descriptors)
            {
                if (pte.Folio is not null)
                    Count(pte.Folio).Add(pte);
            }
        }
    }

    /// <summary>The counts of one folio.</summary>
    public FolioCount this[Folio folio] => Count(folio);

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
