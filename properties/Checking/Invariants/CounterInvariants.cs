using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Counters against a recount of the page tables: the heart of the matter (SPECIFICATION.md 2).</summary>
public static class CounterInvariants
{
    /// <summary>1: page mapcount = entries that map the page, in all processes.</summary>
    public static string? PageMapcount(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            for (int i = 0; i < folio.Pages; i++)
            {
                premise.Holds();
                int entries = state.Recount(folio, i) - state.PmdMappings(folio.State.Id);
                if (state.PteMapcount(folio, i) != entries)
                    return $"folio {Name(folio)} page {i}: mapcount {state.PteMapcount(folio, i)}, but {entries} entries map it";
            }
        }
        return null;
    }

    /// <summary>2: entire mapcount = PMD mappings, in all processes.</summary>
    public static string? EntireMapcount(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            int mappings = state.PmdMappings(folio.State.Id);
            premise.Holds(mappings);
            if (folio.State.EntireMapcount != mappings)
                return $"folio {Name(folio)}: entire mapcount {folio.State.EntireMapcount}, but {mappings} PMD mappings";
        }
        return null;
    }

    /// <summary>3: large mapcount = sum of the page mapcounts + entire mapcount.</summary>
    public static string? LargeMapcount(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            int sum = state.Mappings(folio.State.Id);
            premise.Holds();
            if (folio.State.Mapcount != sum)
                return $"folio {Name(folio)}: mapcount {folio.State.Mapcount}, but {sum} mappings";
        }
        return null;
    }

    /// <summary>ENTIRELY_MAPPED.</summary>
    private const int EntirelyMapped = 1 << 23;

    /// <summary>4: pages mapped = pages that some entry maps, and the mark of PMD mappings.</summary>
    public static string? PagesMapped(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            if (folio.State.Order == 0)
                continue;
            premise.Holds();
            int entire = state.PmdMappings(folio.State.Id);
            int mapped = entire > 0 ? EntirelyMapped : 0;
            for (int i = 0; i < folio.Pages; i++)
                mapped += state.Recount(folio, i) > entire ? 1 : 0;
            if (folio.State.NrPagesMapped != mapped)
                return $"folio {Name(folio)}: nr_pages_mapped {folio.State.NrPagesMapped}, but {mapped} by its entries and PMD mappings";
        }
        return null;
    }

    /// <summary>5: references cover mappings, pins and the page cache's share; while no handle is held anywhere they are just the mappings and that share.</summary>
    public static StepCheck References()
    {
        var handles = new HashSet<(int Process, int Handle, bool IsPin)>();
        return (in Step step, Premise premise) =>
        {
            Follow(handles, step);
            foreach (FolioView folio in step.After.Folios)
            {
                premise.Holds();
                int mappings = step.After.Mappings(folio.State.Id) + folio.CacheReferences;
                if (folio.State.References < mappings + folio.State.Pins)
                    return $"folio {Name(folio)}: {folio.State.References} references, but {mappings} by mappings and the page cache, and {folio.State.Pins} pins";
                if (handles.Count == 0 && folio.State.References != mappings)
                    return $"folio {Name(folio)}: {folio.State.References} references, but {mappings} by mappings and the page cache, and nobody holds a handle";
            }
            return null;
        };
    }

    /// <summary>Which handles are held after a step.</summary>
    private static void Follow(HashSet<(int Process, int Handle, bool IsPin)> handles, in Step step)
    {
        Operation operation = step.Operation;
        // A get makes its handle even when it takes nothing.
        bool counts = step.Outcome.Kind == OutcomeKind.Ok || operation.Kind == OperationKind.Get && step.Outcome.Kind == OutcomeKind.Errno;
        if (!counts)
            return;
        switch (operation.Kind)
        {
            case OperationKind.Get or OperationKind.Pin or OperationKind.PinRead:
                // A number used again hides the older handle until exit: then some handle always counts as held, which makes the check weaker only.
                if (!handles.Add((operation.Process, operation.Handle, operation.Kind != OperationKind.Get)))
                    handles.Add((operation.Process, int.MinValue, false));
                break;
            case OperationKind.Put or OperationKind.Unpin:
                handles.Remove((operation.Process, operation.Handle, operation.Kind == OperationKind.Unpin));
                break;
            case OperationKind.Fork:
                foreach ((int process, int handle, bool isPin) in handles.Where(held => held.Process == operation.Process && !held.IsPin).ToList())
                    handles.Add((operation.Child, handle, isPin));
                break;
            case OperationKind.Exit:
                handles.RemoveWhere(held => held.Process == operation.Process);
                break;
        }
    }

    /// <summary>6: RSS of each process = its entries that map a folio, anonymous ones and those of the file apart.</summary>
    public static string? Rss(MemoryState state, Premise premise)
    {
        foreach (ProcessView process in state.Processes)
        {
            long anon = 0;
            long file = 0;
            foreach (PteRun run in state.Runs)
            {
                if (run.Process != process.Number || run.IsZeroPage)
                    continue;
                if (state.MapsFile(run))
                    file += run.Count;
                else
                    anon += run.Count;
            }
            if (anon + file > 0)
                premise.Holds();
            if (process.RssAnon != anon)
                return $"process {process.Number}: rss {process.RssAnon}, but {anon} pages are mapped";
            if (process.RssFile != file)
                return $"process {process.Number}: rss of the file {process.RssFile}, but {file} of its pages are mapped";
        }
        return null;
    }

    /// <summary>7: NR_ANON_MAPPED = anonymous pages that something maps, NR_ANON_THPS = those of folios that a PMD maps, NR_FILE_MAPPED = pages of the file that something maps.</summary>
    public static string? AnonMapped(MemoryState state, Premise premise)
    {
        long mapped = 0;
        long file = 0;
        long thps = 0;
        foreach (FolioView folio in state.Folios)
        {
            int pages = MappedPages(state, folio);
            mapped += folio.IsOfFile ? 0 : pages;
            file += folio.IsOfFile ? pages : 0;
            thps += state.PmdMappings(folio.State.Id) > 0 ? folio.Pages : 0;
        }
        if (mapped + file > 0)
            premise.Holds();
        if (state.Machine.FileMapped != file)
            return $"NR_FILE_MAPPED {state.Machine.FileMapped}, but {file} pages of the file are mapped";
        if (state.Machine.AnonThps != thps)
            return $"NR_ANON_THPS {state.Machine.AnonThps}, but {thps} pages are of folios that a PMD maps";
        return state.AnonMapped == mapped ? null : $"NR_ANON_MAPPED {state.AnonMapped}, but {mapped} pages are mapped";
    }

    /// <summary>59: the average mapcount of a folio that is mapped is at least 1 and the entire mapcount, at most the largest precise one, and equal to it where all are equal.</summary>
    public static string? AverageMapcount(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            FolioState s = folio.State;
            if (s.Order == 0 || s.Mapcount == 0)
                continue;
            premise.Holds();
            int least = int.MaxValue;
            int most = 0;
            for (int i = 0; i < folio.Pages; i++)
            {
                least = Math.Min(least, state.Mapcount(folio, i));
                most = Math.Max(most, state.Mapcount(folio, i));
            }
            int entries = s.Mapcount - s.EntireMapcount;
            int average = entries <= 0 ? s.EntireMapcount : Math.Max(1, ((entries + (folio.Pages / 2)) >> s.Order) + s.EntireMapcount);
            if (average < Math.Max(1, s.EntireMapcount) || average > most || least == most && average != most)
                return $"folio {Name(folio)}: average mapcount {average}, precise ones {least} to {most}, entire {s.EntireMapcount}";
        }
        return null;
    }

    /// <summary>23: nr_anon and nr_anon_partially_mapped = live anonymous folios of the order.</summary>
    public static string? LiveFolios(MemoryState state, Premise premise)
    {
        for (int order = 0; order < state.Statistics.Length; order++)
        {
            if (state.Statistics[order] is not OrderStatistics statistics)
                continue;
            int live = 0;
            int partial = 0;
            foreach (FolioView folio in state.Folios)
            {
                live += folio.State.Order == order && !folio.IsOfFile ? 1 : 0;
                partial += folio.State.Order == order && folio.State.PartiallyMapped ? 1 : 0;
            }
            if (live > 0)
                premise.Holds();
            if (statistics.NrAnon != live)
                return $"order {order}: nr_anon {statistics.NrAnon}, but {live} folios live";
            if (statistics.NrAnonPartiallyMapped != partial)
                return $"order {order}: nr_anon_partially_mapped {statistics.NrAnonPartiallyMapped}, but {partial} folios are";
        }
        return null;
    }

    internal static int MappedPages(MemoryState state, in FolioView folio)
    {
        int mapped = 0;
        for (int i = 0; i < folio.Pages; i++)
            mapped += state.Recount(folio, i) > 0 ? 1 : 0;
        return mapped;
    }

    internal static string Name(in FolioView folio) => $"{Picture.Letter(folio.State.Id)} (order {folio.State.Order}, frame {folio.State.Frame})";
}
