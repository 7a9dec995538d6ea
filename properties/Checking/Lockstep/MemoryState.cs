using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>A process in a <see cref="MemoryState"/>.</summary>
/// <param name="Number">Its number.</param>
/// <param name="RssAnon">MM_ANONPAGES in pages, as the system counts it.</param>
/// <param name="PageTables">Leaf tables, deposited ones included, as the system counts them.</param>
/// <param name="ThpDisable">Whether large folios are disabled for it.</param>
/// <param name="RssFile">MM_FILEPAGES.</param>
public readonly record struct ProcessView(int Number, long RssAnon, long PageTables, ThpDisable ThpDisable, long RssFile);

/// <summary>A run of guard markers in a <see cref="MemoryState"/>.</summary>
public readonly record struct GuardRun(int Process, int Vma, long Page, long Count)
{
    /// <summary>First page after it.</summary>
    public long End => Page + Count;
}

/// <summary>A VMA in a <see cref="MemoryState"/>.</summary>
public readonly record struct VmaView(
    int Process, long Start, long Length, Protection Protection, VmaFlags Flags, long Offset, int AnonVma, int FirstRun, Smaps Smaps)
{
    /// <summary>First page after it.</summary>
    public long End => Start + Length;
}

/// <summary>A run of present entries in a <see cref="MemoryState"/>.</summary>
/// <param name="Process">The process.</param>
/// <param name="Vma">The VMA, as an index.</param>
/// <param name="Page">First page.</param>
/// <param name="Count">Entries.</param>
/// <param name="Folio">Canonical id of the folio, or the zero page.</param>
/// <param name="Index">Page of the folio that the first entry maps.</param>
/// <param name="Bits">Bits of the logical entries.</param>
/// <param name="Folding">Contiguous, and what the descriptors of a folded block know by themselves (SPECIFICATION.md 17.28).</param>
public readonly record struct PteRun(int Process, int Vma, long Page, int Count, int Folio, int Index, PteBits Bits, PteBits Folding)
{
    /// <summary>Bits that say how entries are folded, and not what they allow.</summary>
    public const PteBits FoldingBits = PteBits.Contiguous | PteBits.RawYoung | PteBits.RawDirty;

    /// <summary>This entry without what others told it that went with it: young and dirty that it did not have before, where blocks are folded.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="before">The entry before.</param>
    public PteRun WithoutSmear(Machine machine, in PteRun before) =>
        machine.Arch == Arch.Arm64 ? this with { Bits = Bits & ~(PteBits.Young | PteBits.Dirty) | before.Bits & Bits & (PteBits.Young | PteBits.Dirty) } : this;

    /// <summary>Whether the entries have the contiguous bit.</summary>
    public bool IsContiguous => (Folding & PteBits.Contiguous) != 0;

    /// <summary>Whether a PMD maps it.</summary>
    public bool IsPmd => (Bits & PteBits.Pmd) != 0;

    /// <summary>How many mappings these are: a PMD mapping of a folio is one.</summary>
    public int Mappings => IsPmd ? 1 : Count;

    /// <summary>Whether the run maps the zero page, small or huge.</summary>
    public bool IsZeroPage => Folio == ObservationLayout.ZeroPage;

    /// <summary>First page after it.</summary>
    public long End => Page + Count;

    /// <summary>Which page of the folio has the mark AnonExclusive for a page of the run.</summary>
    /// <param name="page">Its place in the run.</param>
    public int MarkedPage(int page) => IsPmd ? 0 : Index + page;

    /// <summary>
    /// Whether an entry has the bits that this one had, but that the PMD mapping may have been split since: soft-dirty follows dirty then, rights are those of the VMA, the zero page is young, and so is what was hinted at.
    /// </summary>
    public bool HasBitsOf(in PteRun before)
    {
        if (Bits == before.Bits)
            return true;
        bool young = IsZeroPage || (before.Bits & ~Bits & PteBits.ProtNone) != 0;
        PteBits free = PteBits.Pmd | PteBits.SoftDirty | PteBits.ProtNone | (young ? PteBits.Young : PteBits.None);
        return before.IsPmd && !IsPmd && (Bits | free) == (before.Bits | free);
    }
}

/// <summary>A folio in a <see cref="MemoryState"/>.</summary>
/// <param name="State">Its fields.</param>
/// <param name="FirstPage">Where its pages begin in the arrays of all pages.</param>
public readonly record struct FolioView(FolioState State, int FirstPage)
{
    /// <summary>Number of pages.</summary>
    public int Pages => 1 << State.Order;

    /// <summary>Whether it belongs to the file, and is not anonymous memory (SPECIFICATION.md 17.29).</summary>
    public bool IsOfFile => State.FilePage >= 0;

    /// <summary>References that the page cache has on it: one a page.</summary>
    public int CacheReferences => IsOfFile ? Pages : 0;
}

/// <summary>An <see cref="Vocabulary.Observation"/> taken apart for checks. Reused from step to step: loading allocates nothing in the long run.</summary>
public sealed class MemoryState
{
    private readonly List<int> _mapcounts = [];
    private readonly List<bool> _exclusive = [];
    private readonly List<int> _contents = [];
    private readonly List<int> _recount = [];
    private readonly List<int> _mappings = [];
    private readonly List<int> _pmdMappings = [];
    private readonly List<int> _sharers = [];
    private readonly List<int> _lastSharer = [];

    /// <summary>The picture that was loaded last.</summary>
    public Observation Observation { get; } = new();

    /// <summary>Counters of the machine, as the system counts them.</summary>
    public MachineState Machine { get; private set; }

    /// <summary>NR_ANON_MAPPED, as the system counts it.</summary>
    public long AnonMapped => Machine.AnonMapped;

    /// <summary>Free frames, as the system counts them.</summary>
    public long FreeFrames => Machine.FreeFrames;

    /// <summary>Per-size counters by order; null for orders without.</summary>
    public OrderStatistics?[] Statistics { get; } = new OrderStatistics?[Vocabulary.Machine.LargestPmdOrder + 1];

    /// <summary>Pages of a block, which one leaf table or one PMD maps.</summary>
    public int BlockSize => 1 << Array.FindLastIndex(Statistics, statistics => statistics is not null);

    /// <summary>Entries of a block that can be folded; an observation does not say it.</summary>
    public int ContPteEntries { get; init; } = new Machine().ContPteEntries;

    /// <summary>Processes by number.</summary>
    public List<ProcessView> Processes { get; } = [];

    /// <summary>VMAs by process and address.</summary>
    public List<VmaView> Vmas { get; } = [];

    /// <summary>Runs of present entries by process and address.</summary>
    public List<PteRun> Runs { get; } = [];

    /// <summary>Runs of guard markers by process and address.</summary>
    public List<GuardRun> Guards { get; } = [];

    /// <summary>Live folios by canonical id.</summary>
    public List<FolioView> Folios { get; } = [];

    /// <summary>The deferred-split queue, canonical ids, oldest first.</summary>
    public List<int> Queue { get; } = [];

    /// <summary>Present entries, the zero page's included.</summary>
    public long MappedPtes { get; private set; }

    /// <summary>Precise mapcount of a page, as the system counts it: entries and PMD mappings.</summary>
    public int Mapcount(in FolioView folio, int index) => _mapcounts[folio.FirstPage + index] + folio.State.EntireMapcount;

    /// <summary>Mapcount of a page by entries alone, as the system counts it.</summary>
    public int PteMapcount(in FolioView folio, int index) => _mapcounts[folio.FirstPage + index];

    /// <summary>AnonExclusive of a page.</summary>
    public bool IsExclusive(in FolioView folio, int index) => _exclusive[folio.FirstPage + index];

    /// <summary>Token in a page.</summary>
    public int Token(in FolioView folio, int index) => _contents[folio.FirstPage + index];

    /// <summary>Entries and PMD mappings that map a page, counted here in the runs.</summary>
    public int Recount(in FolioView folio, int index) => _recount[folio.FirstPage + index];

    /// <summary>PMD mappings of a folio, counted here in the runs.</summary>
    public int PmdMappings(int folio) => _pmdMappings[folio];

    /// <summary>Mappings of a folio, counted here in the runs; a PMD mapping is one.</summary>
    public int Mappings(int folio) => _mappings[folio];

    /// <summary>Mappings of a folio by one process, counted here in the runs; a PMD mapping is one.</summary>
    public int Mappings(int folio, int process)
    {
        int mappings = 0;
        foreach (PteRun run in Runs)
        {
            if (run.Folio == folio && run.Process == process)
                mappings += run.Mappings;
        }
        return mappings;
    }

    /// <summary>Processes that map a folio, counted here in the runs.</summary>
    public int Sharers(int folio) => _sharers[folio];

    /// <summary>The runs of a VMA, by its index in <see cref="Vmas"/>.</summary>
    public ReadOnlySpan<PteRun> RunsOf(int vma)
    {
        int first = Vmas[vma].FirstRun;
        int end = vma + 1 < Vmas.Count ? Vmas[vma + 1].FirstRun : Runs.Count;
        return CollectionsMarshal.AsSpan(Runs)[first..end];
    }

    /// <summary>The entry of a page, as a run of one; null where nothing is mapped.</summary>
    public PteRun? Find(int process, long page)
    {
        // Runs are sorted by process and page: look for the last one that begins at or before the page.
        int low = 0;
        int high = Runs.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            PteRun candidate = Runs[middle];
            if (candidate.Process < process || candidate.Process == process && candidate.Page <= page)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return null;
        PteRun run = Runs[low - 1];
        if (run.Process != process || page >= run.End)
            return null;
        return run with { Page = page, Count = 1, Index = run.IsZeroPage ? 0 : run.Index + (int)(page - run.Page) };
    }

    /// <summary>Whether a run maps pages of the file.</summary>
    public bool MapsFile(in PteRun run) => !run.IsZeroPage && Folios[run.Folio].IsOfFile;

    /// <summary>Whether some page of [start, end) has a guard marker.</summary>
    public bool HasGuard(int process, long start, long end)
    {
        foreach (GuardRun guard in Guards)
        {
            if (guard.Process == process && guard.Page < end && start < guard.End)
                return true;
        }
        return false;
    }

    /// <summary>The VMA of a page, or null.</summary>
    public VmaView? FindVma(int process, long page)
    {
        foreach (VmaView vma in Vmas)
        {
            if (vma.Process == process && vma.Start <= page && page < vma.End)
                return vma;
        }
        return null;
    }

    /// <summary>Frame of a mapped page; -1 is the zero page.</summary>
    public long FrameOf(in PteRun run) => run.IsZeroPage ? -1 : Folios[run.Folio].State.Frame + run.Index;

    /// <summary>Observes a system and takes the picture apart.</summary>
    public void Load(IMemorySystem system)
    {
        system.Observe(Observation);
        Decode();
    }

    /// <summary>Takes <see cref="Observation"/> apart.</summary>
    public void Decode()
    {
        Clear();
        foreach (ObservationRecord record in Observation)
            Decode(record);
        Recount();
    }

    /// <summary>Counts the mappings in the runs: what every counter of the system is held against.</summary>
    private void Recount()
    {
        Fill(_recount, _mapcounts.Count, 0);
        Fill(_mappings, Folios.Count, 0);
        Fill(_pmdMappings, Folios.Count, 0);
        Fill(_sharers, Folios.Count, 0);
        Fill(_lastSharer, Folios.Count, -1);
        Span<int> pages = CollectionsMarshal.AsSpan(_recount);
        foreach (PteRun run in Runs)
        {
            MappedPtes += run.Count;
            if (run.IsZeroPage)
                continue;
            foreach (ref int page in pages.Slice(Folios[run.Folio].FirstPage + run.Index, run.Count))
                page++;
            _mappings[run.Folio] += run.Mappings;
            if (run.IsPmd)
                _pmdMappings[run.Folio]++;
            if (_lastSharer[run.Folio] != run.Process)
                _sharers[run.Folio]++;
            _lastSharer[run.Folio] = run.Process;
        }
    }

    private static void Fill(List<int> list, int count, int value)
    {
        CollectionsMarshal.SetCount(list, count);
        CollectionsMarshal.AsSpan(list).Fill(value);
    }

    private void Clear()
    {
        Array.Clear(Statistics);
        Processes.Clear();
        Vmas.Clear();
        Runs.Clear();
        Guards.Clear();
        Folios.Clear();
        Queue.Clear();
        _mapcounts.Clear();
        _exclusive.Clear();
        _contents.Clear();
        MappedPtes = 0;
    }

    private void Decode(in ObservationRecord record)
    {
        ReadOnlySpan<long> fields = record.Fields;
        switch (record.Kind)
        {
            case RecordKind.Machine:
                Machine = MachineOf(fields);
                break;
            case RecordKind.Statistics:
                Statistics[fields[0]] = StatisticsOf(fields);
                break;
            case RecordKind.Process:
                Processes.Add(new ProcessView((int)fields[0], fields[1], fields[2], (ThpDisable)fields[3], fields[4]));
                break;
            case RecordKind.Vma:
                Vmas.Add(new VmaView(
                    Processes[^1].Number, fields[0], fields[1], (Protection)fields[2], (VmaFlags)fields[3], fields[4], (int)fields[5],
                    Runs.Count, default));
                break;
            case RecordKind.Ptes when fields[2] == ObservationLayout.GuardMarker:
                Guards.Add(new GuardRun(Processes[^1].Number, Vmas.Count - 1, fields[0], fields[1]));
                break;
            case RecordKind.Ptes:
                Runs.Add(new PteRun(
                    Processes[^1].Number, Vmas.Count - 1, fields[0], (int)fields[1], (int)fields[2], (int)fields[3],
                    (PteBits)fields[4] & ~PteRun.FoldingBits, (PteBits)fields[4] & PteRun.FoldingBits));
                break;
            case RecordKind.Smaps:
                Vmas[^1] = Vmas[^1] with { Smaps = SmapsOf(fields) };
                break;
            case RecordKind.Folio:
                Folios.Add(new FolioView(FolioOf(fields), _mapcounts.Count));
                break;
            case RecordKind.Mapcounts:
                foreach (long value in fields)
                    _mapcounts.Add((int)value);
                break;
            case RecordKind.Exclusive:
                foreach (long value in fields)
                    _exclusive.Add(value != 0);
                break;
            case RecordKind.Contents:
                foreach (long value in fields)
                    _contents.Add((int)value);
                break;
            case RecordKind.DeferredQueue:
                foreach (long value in fields)
                    Queue.Add((int)value);
                break;
        }
    }

    private static MachineState MachineOf(ReadOnlySpan<long> fields) => new()
    {
        AnonMapped = fields[0],
        FreeFrames = fields[1],
        AnonThps = fields[2],
        HugeZeroFrame = fields[3],
        SplitPmd = fields[4],
        CollapseAlloc = fields[5],
        CollapseAllocFailed = fields[6],
        ZeroPageAlloc = fields[7],
        UnderusedSplit = fields[8],
        FileMapped = fields[9],
    };

    private static OrderStatistics StatisticsOf(ReadOnlySpan<long> fields) => new()
    {
        AnonFaultAlloc = fields[1],
        AnonFaultFallback = fields[2],
        Split = fields[3],
        SplitFailed = fields[4],
        SplitDeferred = fields[5],
        NrAnon = fields[6],
        NrAnonPartiallyMapped = fields[7],
    };

    private static Smaps SmapsOf(ReadOnlySpan<long> fields) => new()
    {
        Rss = fields[0],
        Anonymous = fields[1],
        PrivateClean = fields[2],
        PrivateDirty = fields[3],
        SharedClean = fields[4],
        SharedDirty = fields[5],
        LazyFree = fields[6],
        Locked = fields[7],
        ThpEligible = fields[8] != 0,
        AnonHugePages = fields[9],
    };

    private static FolioState FolioOf(ReadOnlySpan<long> fields) => new()
    {
        Id = (int)fields[0],
        Order = (int)fields[1],
        Frame = (int)fields[2],
        References = (int)fields[3],
        Mapcount = (int)fields[4],
        EntireMapcount = (int)fields[5],
        NrPagesMapped = (int)fields[6],
        Slot0Process = (int)fields[7],
        Slot0Count = (int)fields[8],
        Slot1Process = (int)fields[9],
        Slot1Count = (int)fields[10],
        MaybeMappedShared = fields[11] != 0,
        Pins = (int)fields[12],
        PartiallyMapped = fields[13] != 0,
        Queued = fields[14] != 0,
        SwapBacked = fields[15] != 0,
        Dirty = fields[16] != 0,
        Mlocked = fields[17] != 0,
        MlockCount = (int)fields[18],
        FilePage = (int)fields[19],
    };
}
