using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What a law allows to differ between two runs. Everything else must be equal.</summary>
[Flags]
internal enum Ignore
{
    Nothing = 0,

    /// <summary>DS of SPECIFICATION.md 13b: partially mapped, the queue, split_deferred, nr_anon_partially_mapped.</summary>
    DeferredSplit = 1,

    /// <summary>Write bits and AnonExclusive.</summary>
    WriteRights = 2,

    /// <summary>MM-ID slots and the "maybe mapped shared" mark.</summary>
    MmIds = 4,

    /// <summary>The "maybe mapped shared" mark.</summary>
    MaybeShared = 8,

    /// <summary>Frame numbers, and how many are free.</summary>
    Frames = 16,

    /// <summary>Young and dirty, and what is derived from them: dirty folios, what MADV_FREE could mark, and smaps.</summary>
    YoungDirty = 32,

    /// <summary>split_failed: how often a split was tried in vain.</summary>
    FailedSplits = 128,

    /// <summary>VMAs, their rights, flags and borders, and smaps: only entries and folios are compared.</summary>
    Vmas = 256,

    /// <summary>anon_vma ids: which VMAs share one.</summary>
    AnonVmas = 64,

    /// <summary>Soft-dirty bits.</summary>
    SoftDirty = 1024,

    /// <summary>Which folios are mlocked, and how often.</summary>
    Mlocks = 512,

    /// <summary>How many leaf tables a process has.</summary>
    PageTables = 2048,

    /// <summary>thp_split_pmd: how many PMD mappings were split.</summary>
    SplitPmds = 8192,

    /// <summary>Whether a PMD or entries map a block: thp_split_pmd, what mappings of the folio count, and the bits that a split does not take over (a hint; of the huge zero page, young).</summary>
    PmdForm = 4096,
}

/// <summary>
/// Writes a state down anew: with processes renumbered, one process left out, pages shifted, and some fields blanked. Canonical ids are
/// given afresh, so that two states that are equal up to those come out equal.
/// </summary>
internal sealed class Mask
{
    public Ignore Ignore { get; init; }

    /// <summary>A process whose records, folios and part of the sums are left out.</summary>
    public int? Without { get; init; }

    /// <summary>New number of a process.</summary>
    public Func<int, int> Renumber { get; init; } = number => number;

    /// <summary>Pages by which every address moves.</summary>
    public long Shift { get; init; }

    /// <summary>The first difference between two states under their masks, in words; null if there is none.</summary>
    public static string? Difference(MemoryState expected, Mask expectedMask, MemoryState found, Mask foundMask)
    {
        Difference? difference = Properties.Difference.Between(expectedMask.Apply(expected), foundMask.Apply(found));
        return difference is null ? null : $"{difference.Path}: {difference.Expected} against {difference.Found}";
    }

    /// <summary>The first difference under one mask for both.</summary>
    public string? Difference(MemoryState expected, MemoryState found) => Difference(expected, this, found, this);

    private bool Ignores(Ignore what) => (Ignore & what) != 0;

    private Observation Apply(MemoryState state)
    {
        var result = new Observation();
        var folioIds = new Dictionary<int, int>();
        var anonVmaIds = new Dictionary<int, int>();
        ProcessView[] processes = [.. state.Processes.Where(process => process.Number != Without).OrderBy(process => Renumber(process.Number))];
        bool counted = Without is null;
        result.AddMachine(counted ? Blank(state.Machine) : default);
        for (int order = 0; order < state.Statistics.Length; order++)
        {
            if (state.Statistics[order] is OrderStatistics statistics)
                result.AddStatistics(order, Blank(statistics));
        }
        foreach (ProcessView process in processes)
        {
            result.AddProcess(Renumber(process.Number), process.RssAnon, Ignores(Ignore.PageTables) ? 0 : process.PageTables, process.ThpDisable, process.RssFile);
            for (int v = 0; v < state.Vmas.Count; v++)
            {
                if (state.Vmas[v].Process == process.Number)
                    WriteVma(result, state, v, folioIds, anonVmaIds);
            }
        }
        if (counted)
        {
            foreach (FolioView folio in state.Folios)
                folioIds.TryAdd(folio.State.Id, folioIds.Count);
        }
        foreach ((int old, int id) in folioIds.OrderBy(pair => pair.Value))
            WriteFolio(result, state, state.Folios[old], id);
        int[] queue = Ignores(Ignore.DeferredSplit) ? [] : [.. state.Queue.Where(folioIds.ContainsKey)];
        Span<long> ids = result.AddDeferredQueue(queue.Length);
        for (int i = 0; i < queue.Length; i++)
            ids[i] = folioIds[queue[i]];
        return result;
    }

    private MachineState Blank(MachineState machine) => machine with
    {
        FreeFrames = Ignores(Ignore.Frames) ? 0 : machine.FreeFrames,
        HugeZeroFrame = Ignores(Ignore.Frames) ? 0 : machine.HugeZeroFrame,
        SplitPmd = Ignores(Ignore.PmdForm | Ignore.SplitPmds) ? 0 : machine.SplitPmd,
        AnonThps = Ignores(Ignore.PmdForm) ? 0 : machine.AnonThps,
    };

    private OrderStatistics Blank(OrderStatistics statistics)
    {
        if (Ignores(Ignore.FailedSplits))
            statistics.SplitFailed = 0;
        if (Ignores(Ignore.DeferredSplit))
        {
            statistics.SplitDeferred = 0;
            statistics.NrAnonPartiallyMapped = 0;
        }
        return statistics;
    }

    private void WriteVma(Observation result, MemoryState state, int index, Dictionary<int, int> folioIds, Dictionary<int, int> anonVmaIds)
    {
        VmaView vma = state.Vmas[index];
        int anonVma = -1;
        if (vma.AnonVma >= 0 && !Ignores(Ignore.AnonVmas))
        {
            anonVmaIds.TryAdd(vma.AnonVma, anonVmaIds.Count);
            anonVma = anonVmaIds[vma.AnonVma];
        }
        bool withVma = !Ignores(Ignore.Vmas);
        // The page of the file stays where the address moves.
        long offset = (vma.Flags & VmaFlags.Shared) != 0 ? vma.Offset - Shift : vma.Offset;
        if (withVma)
            result.AddVma(vma.Start + Shift, vma.Length, vma.Protection, vma.Flags, offset, anonVma);
        GuardRun[] guards = [.. state.Guards.Where(guard => guard.Vma == index)];
        int nextGuard = 0;
        foreach (PteRun run in state.Runs)
        {
            if (run.Vma != index)
                continue;
            while (nextGuard < guards.Length && guards[nextGuard].Page < run.Page)
                WriteGuard(result, guards[nextGuard++]);
            int folio = ObservationLayout.ZeroPage;
            if (!run.IsZeroPage)
            {
                folioIds.TryAdd(run.Folio, folioIds.Count);
                folio = folioIds[run.Folio];
            }
            result.AddPtes(run.Page + Shift, run.Count, folio, run.Index, Blank(run));
        }
        while (nextGuard < guards.Length)
            WriteGuard(result, guards[nextGuard++]);
        if (!withVma)
            return;
        Smaps smaps = vma.Smaps;
        if (Ignores(Ignore.YoungDirty))
        {
            smaps.PrivateClean += smaps.PrivateDirty;
            smaps.SharedClean += smaps.SharedDirty;
            smaps.PrivateDirty = smaps.SharedDirty = smaps.LazyFree = 0;
        }
        if (Ignores(Ignore.PmdForm))
            smaps.AnonHugePages = 0;
        result.AddSmaps(smaps);
    }

    private void WriteGuard(Observation result, GuardRun guard) =>
        result.AddPtes(guard.Page + Shift, guard.Count, ObservationLayout.GuardMarker, 0, PteBits.None);

    private PteBits Blank(in PteRun run)
    {
        PteBits bits = run.Bits;
        if (Ignores(Ignore.SoftDirty | Ignore.PmdForm))
            bits &= ~PteBits.SoftDirty;
        if (Ignores(Ignore.PmdForm))
            bits &= ~(PteBits.Pmd | PteBits.ProtNone | (run.IsZeroPage ? PteBits.Young : PteBits.None));
        if (Ignores(Ignore.WriteRights))
            bits &= ~(PteBits.Writable | PteBits.ProtNone);
        if (Ignores(Ignore.YoungDirty))
            bits &= ~(PteBits.Young | PteBits.Dirty);
        return bits;
    }

    private void WriteFolio(Observation result, MemoryState state, in FolioView folio, int id)
    {
        FolioState s = Ignores(Ignore.PmdForm) ? ByEntries(state, folio) : folio.State;
        bool deferred = !Ignores(Ignore.DeferredSplit);
        bool slots = !Ignores(Ignore.MmIds);
        result.AddFolio(s with
        {
            Id = id,
            Frame = Ignores(Ignore.Frames) ? 0 : s.Frame,
            Slot0Process = slots ? Number(s.Slot0Process) : -1,
            Slot0Count = slots ? s.Slot0Count : 0,
            Slot1Process = slots ? Number(s.Slot1Process) : -1,
            Slot1Count = slots ? s.Slot1Count : 0,
            MaybeMappedShared = slots && !Ignores(Ignore.MaybeShared) && s.MaybeMappedShared,
            PartiallyMapped = deferred && s.PartiallyMapped,
            Queued = deferred && s.Queued,
            Dirty = !Ignores(Ignore.YoungDirty) && s.Dirty,
            Mlocked = !Ignores(Ignore.Mlocks) && s.Mlocked,
            MlockCount = Ignores(Ignore.Mlocks) ? 0 : s.MlockCount,
            SwapBacked = Ignores(Ignore.YoungDirty) || s.SwapBacked,
        });
        Span<long> mapcounts = result.AddPages(RecordKind.Mapcounts, folio.Pages);
        for (int i = 0; i < mapcounts.Length; i++)
            mapcounts[i] = Ignores(Ignore.PmdForm) ? state.Mapcount(folio, i) : state.PteMapcount(folio, i);
        bool marked = Ignores(Ignore.PmdForm) && folio.State.EntireMapcount > 0;
        Span<long> exclusive = result.AddPages(RecordKind.Exclusive, folio.Pages);
        for (int i = 0; i < exclusive.Length; i++)
            exclusive[i] = !Ignores(Ignore.WriteRights) && state.IsExclusive(folio, marked ? 0 : i) ? 1 : 0;
        Span<long> contents = result.AddPages(RecordKind.Contents, folio.Pages);
        for (int i = 0; i < contents.Length; i++)
            contents[i] = state.Token(folio, i);
    }

    /// <summary>The folio as if entries mapped it wherever PMDs do. Slots and dirty are left out: splitting a mapping counts, and may mark, both.</summary>
    private static FolioState ByEntries(MemoryState state, in FolioView folio)
    {
        FolioState s = folio.State;
        if (s.Order == 0)
            return s;
        int mapcount = 0;
        int mapped = 0;
        for (int i = 0; i < folio.Pages; i++)
        {
            mapcount += state.Mapcount(folio, i);
            mapped += state.Mapcount(folio, i) > 0 ? 1 : 0;
        }
        return s with
        {
            References = s.References - s.Mapcount + mapcount,
            Mapcount = mapcount,
            EntireMapcount = 0,
            NrPagesMapped = mapped,
            Slot0Process = -1,
            Slot0Count = 0,
            Slot1Process = -1,
            Slot1Count = 0,
            MaybeMappedShared = false,
            Dirty = false,
        };
    }

    private int Number(int process) => process < 0 ? -1 : Renumber(process);
}
