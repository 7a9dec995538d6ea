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
                if (state.Mapcount(folio, i) != state.Recount(folio, i))
                    return $"folio {Name(folio)} page {i}: mapcount {state.Mapcount(folio, i)}, but {state.Recount(folio, i)} entries map it";
            }
        }
        return null;
    }

    /// <summary>3: large mapcount = sum of the page mapcounts + entire mapcount.</summary>
    public static string? LargeMapcount(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            int sum = folio.State.EntireMapcount;
            for (int i = 0; i < folio.Pages; i++)
                sum += state.Recount(folio, i);
            premise.Holds();
            if (folio.State.Mapcount != sum)
                return $"folio {Name(folio)}: mapcount {folio.State.Mapcount}, but {sum} mappings";
        }
        return null;
    }

    /// <summary>4: pages mapped = pages that some entry maps.</summary>
    public static string? PagesMapped(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            if (folio.State.Order == 0)
                continue;
            premise.Holds();
            int mapped = MappedPages(state, folio);
            if (folio.State.NrPagesMapped != mapped)
                return $"folio {Name(folio)}: nr_pages_mapped {folio.State.NrPagesMapped}, but {mapped} pages are mapped";
        }
        return null;
    }

    /// <summary>5: references cover mappings and pins; while no handle is held anywhere they are just the mappings.</summary>
    public static StepCheck References()
    {
        var handles = new HashSet<(int Process, int Handle, bool IsPin)>();
        return (in Step step, Premise premise) =>
        {
            Follow(handles, step);
            foreach (FolioView folio in step.After.Folios)
            {
                premise.Holds();
                int mappings = step.After.Mappings(folio.State.Id);
                if (folio.State.References < mappings + folio.State.Pins)
                    return $"folio {Name(folio)}: {folio.State.References} references, but {mappings} mappings and {folio.State.Pins} pins";
                if (handles.Count == 0 && folio.State.References != mappings)
                    return $"folio {Name(folio)}: {folio.State.References} references, but {mappings} mappings and nobody holds a handle";
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

    /// <summary>6: RSS of each process = its entries that map a folio.</summary>
    public static string? Rss(MemoryState state, Premise premise)
    {
        foreach (ProcessView process in state.Processes)
        {
            long walk = 0;
            foreach (PteRun run in state.Runs)
                walk += run.Process == process.Number && !run.IsZeroPage ? run.Count : 0;
            if (walk > 0)
                premise.Holds();
            if (process.RssAnon != walk)
                return $"process {process.Number}: rss {process.RssAnon}, but {walk} pages are mapped";
        }
        return null;
    }

    /// <summary>7 (anonymous part): NR_ANON_MAPPED = pages that something maps.</summary>
    public static string? AnonMapped(MemoryState state, Premise premise)
    {
        long mapped = 0;
        foreach (FolioView folio in state.Folios)
            mapped += MappedPages(state, folio);
        if (mapped > 0)
            premise.Holds();
        return state.AnonMapped == mapped ? null : $"NR_ANON_MAPPED {state.AnonMapped}, but {mapped} pages are mapped";
    }

    /// <summary>23: nr_anon and nr_anon_partially_mapped = live folios of the order.</summary>
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
                live += folio.State.Order == order ? 1 : 0;
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
