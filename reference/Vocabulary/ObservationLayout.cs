namespace FolioCheck.Vocabulary;

/// <summary>The kinds of record in an <see cref="Observation"/>.</summary>
public enum RecordKind
{
    /// <summary>Counters of the whole machine.</summary>
    Machine,

    /// <summary>Per-size THP counters of one order.</summary>
    Statistics,

    /// <summary>A process.</summary>
    Process,

    /// <summary>A VMA of the process before it.</summary>
    Vma,

    /// <summary>A run of entries of the VMA before it: present ones, or guard markers.</summary>
    Ptes,

    /// <summary>What smaps tells of the VMA before it.</summary>
    Smaps,

    /// <summary>A live folio.</summary>
    Folio,

    /// <summary>Mapcount of each page of the folio before it.</summary>
    Mapcounts,

    /// <summary>AnonExclusive of each page of the folio before it (0 for pages that nothing maps).</summary>
    Exclusive,

    /// <summary>Token in each page of the folio before it.</summary>
    Contents,

    /// <summary>The deferred-split queue.</summary>
    DeferredQueue,

    /// <summary>
    /// What one page of the process before it holds, where that is not 0. Models never add it: it stands in for entries and folios in pictures of systems that
    /// show neither.
    /// </summary>
    Value,
}

/// <summary>Bits of a present page-table entry.</summary>
[Flags]
public enum PteBits
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Hardware may write.</summary>
    Writable = 1,

    /// <summary>Written since last cleaned.</summary>
    Dirty = 2,

    /// <summary>Accessed since last aged. A live kernel clears it at will: not comparable.</summary>
    Young = 4,

    /// <summary>PROT_NONE: present, but the hardware lets nobody through.</summary>
    ProtNone = 8,

    /// <summary>Write-protected by userfaultfd. Beside <see cref="Writable"/> only where a move left it behind (SPECIFICATION.md 17.17).</summary>
    UffdWp = 16,

    /// <summary>Written, or moved, since the last clear_refs.</summary>
    SoftDirty = 32,

    /// <summary>Mapped by a PMD: every page of the block has the same bits.</summary>
    Pmd = 64,

    /// <summary>The contiguous bit of a descriptor: all entries of its block have it (SPECIFICATION.md 7, 17.28). <see cref="Young"/> and <see cref="Dirty"/> are gathered over the block then.</summary>
    Contiguous = 128,

    /// <summary>The access flag of the descriptor itself; shown for contiguous entries only.</summary>
    RawYoung = 256,

    /// <summary>Dirty as the descriptor itself says; shown for contiguous entries only.</summary>
    RawDirty = 512,
}

/// <summary>Flags of a VMA beside its rights.</summary>
[Flags]
public enum VmaFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>VM_HUGEPAGE, from MADV_HUGEPAGE.</summary>
    HugePage = 1,

    /// <summary>VM_NOHUGEPAGE, from MADV_NOHUGEPAGE. Never together with <see cref="HugePage"/>.</summary>
    NoHugePage = 2,

    /// <summary>VM_DONTCOPY, from MADV_DONTFORK.</summary>
    DontFork = 4,

    /// <summary>VM_WIPEONFORK.</summary>
    WipeOnFork = 8,

    /// <summary>VM_ACCOUNT: counts against the commit limit. Not shown by a kernel, but VMAs that differ in it do not merge.</summary>
    Account = 16,

    /// <summary>VM_LOCKED.</summary>
    Locked = 32,

    /// <summary>VM_LOCKONFAULT. Only together with <see cref="Locked"/>.</summary>
    LockOnFault = 64,

    /// <summary>VM_UFFD_WP: registered with the process's userfaultfd for write-protection.</summary>
    UffdWp = 128,

    /// <summary>VM_SOFTDIRTY: everything in it counts as written since the last clear_refs. Does not keep VMAs apart.</summary>
    SoftDirty = 256,

    /// <summary>VM_MAYBE_GUARD: guard markers were put into it once. Does not keep VMAs apart; not recorded in transcripts.</summary>
    MaybeGuard = 512,

    /// <summary>VM_SHARED: a mapping of the machine's file.</summary>
    Shared = 1024,
}

/// <summary>Counters of the whole machine.</summary>
public readonly record struct MachineState
{
    /// <summary>NR_ANON_MAPPED: pages of anonymous folios that something maps.</summary>
    public required long AnonMapped { get; init; }

    /// <summary>NR_FILE_MAPPED: pages of the file that something maps.</summary>
    public long FileMapped { get; init; }

    /// <summary>Frames that are free.</summary>
    public required long FreeFrames { get; init; }

    /// <summary>NR_ANON_THPS, in pages: those of folios that a PMD maps.</summary>
    public required long AnonThps { get; init; }

    /// <summary>First frame of the huge zero page, or -1.</summary>
    public required long HugeZeroFrame { get; init; }

    /// <summary>thp_split_pmd: PMD mappings that were split.</summary>
    public required long SplitPmd { get; init; }

    /// <summary>thp_collapse_alloc: folios allocated to collapse into.</summary>
    public required long CollapseAlloc { get; init; }

    /// <summary>thp_collapse_alloc_failed.</summary>
    public required long CollapseAllocFailed { get; init; }

    /// <summary>thp_zero_page_alloc: how often the huge zero page was made.</summary>
    public required long ZeroPageAlloc { get; init; }

    /// <summary>thp_underused_split_page: folios that the deferred-split shrinker split because they were mostly zeroes.</summary>
    public required long UnderusedSplit { get; init; }
}

/// <summary>Per-size THP counters of one order, as in <c>hugepages-*kB/stats</c>.</summary>
public record struct OrderStatistics
{
    /// <summary>anon_fault_alloc: folios allocated at faults.</summary>
    public long AnonFaultAlloc { get; set; }

    /// <summary>anon_fault_fallback: allocations that failed.</summary>
    public long AnonFaultFallback { get; set; }

    /// <summary>split: folios split.</summary>
    public long Split { get; set; }

    /// <summary>split_failed: folios that could not be split.</summary>
    public long SplitFailed { get; set; }

    /// <summary>split_deferred: folios that became partially mapped.</summary>
    public long SplitDeferred { get; set; }

    /// <summary>nr_anon: live anonymous folios that were ever mapped.</summary>
    public long NrAnon { get; set; }

    /// <summary>nr_anon_partially_mapped: those of them that are partially mapped.</summary>
    public long NrAnonPartiallyMapped { get; set; }
}

/// <summary>What /proc/PID/smaps tells of a VMA, in pages.</summary>
public record struct Smaps
{
    /// <summary>Mapped pages; the zero page is not one.</summary>
    public long Rss { get; set; }

    /// <summary>Mapped anonymous pages.</summary>
    public long Anonymous { get; set; }

    /// <summary>Pages mapped once, clean.</summary>
    public long PrivateClean { get; set; }

    /// <summary>Pages mapped once, dirty in the entry or the folio.</summary>
    public long PrivateDirty { get; set; }

    /// <summary>Pages mapped more than once, clean.</summary>
    public long SharedClean { get; set; }

    /// <summary>Pages mapped more than once, dirty in the entry or the folio.</summary>
    public long SharedDirty { get; set; }

    /// <summary>Clean pages of folios that MADV_FREE marked.</summary>
    public long LazyFree { get; set; }

    /// <summary>Pages of a locked VMA, each divided by the number of its mappings: in kilobytes, not pages.</summary>
    public long Locked { get; set; }

    /// <summary>Whether policy and size admit some large order (SPECIFICATION.md 3.5).</summary>
    public bool ThpEligible { get; set; }

    /// <summary>Pages that PMD mappings of folios map.</summary>
    public long AnonHugePages { get; set; }
}

/// <summary>A live folio, without its pages.</summary>
public readonly record struct FolioState
{
    /// <summary>Canonical id.</summary>
    public required int Id { get; init; }

    /// <summary>log2 of its pages.</summary>
    public required int Order { get; init; }

    /// <summary>First frame.</summary>
    public required int Frame { get; init; }

    /// <summary>_refcount.</summary>
    public required int References { get; init; }

    /// <summary>folio_mapcount: _large_mapcount of a large folio, _mapcount of a small one; 0 is unmapped.</summary>
    public required int Mapcount { get; init; }

    /// <summary>_entire_mapcount: PMD mappings; 0 in a small folio.</summary>
    public int EntireMapcount { get; init; }

    /// <summary>_nr_pages_mapped of a large folio; 0 in a small one.</summary>
    public required int NrPagesMapped { get; init; }

    /// <summary>Process that the first MM-ID slot tracks, or -1.</summary>
    public required int Slot0Process { get; init; }

    /// <summary>Its tracked mappings.</summary>
    public required int Slot0Count { get; init; }

    /// <summary>Process that the second MM-ID slot tracks, or -1.</summary>
    public required int Slot1Process { get; init; }

    /// <summary>Its tracked mappings.</summary>
    public required int Slot1Count { get; init; }

    /// <summary>FOLIO_MM_IDS_SHARED.</summary>
    public required bool MaybeMappedShared { get; init; }

    /// <summary>Long-term pins.</summary>
    public int Pins { get; init; }

    /// <summary>PG_partially_mapped.</summary>
    public required bool PartiallyMapped { get; init; }

    /// <summary>On the deferred-split queue.</summary>
    public required bool Queued { get; init; }

    /// <summary>PG_swapbacked; MADV_FREE clears it.</summary>
    public required bool SwapBacked { get; init; }

    /// <summary>PG_dirty.</summary>
    public required bool Dirty { get; init; }

    /// <summary>PG_mlocked: on the unevictable list.</summary>
    public required bool Mlocked { get; init; }

    /// <summary>mlock_count. Not recorded in transcripts.</summary>
    public required int MlockCount { get; init; }

    /// <summary>Page of the file that its first page holds; -1 for an anonymous folio.</summary>
    public int FilePage { get; init; } = -1;

    /// <summary>Creates one with every field at its default.</summary>
    public FolioState()
    {
    }
}

/// <summary>Names of the fields of every record.</summary>
public static class ObservationLayout
{
    /// <summary>Stands for the zero page where a folio id is expected.</summary>
    public const int ZeroPage = -1;

    /// <summary>Stands for a guard marker where a folio id is expected.</summary>
    public const int GuardMarker = -2;

    /// <summary>Field names of the records with a fixed length, in order.</summary>
    public static IReadOnlyList<string> FieldNames(RecordKind kind) => kind switch
    {
        RecordKind.Machine => ["anon mapped", "free frames", "anon thps", "huge zero frame", "split pmd", "collapse alloc", "collapse alloc failed", "zero page alloc", "underused split", "file mapped"],
        RecordKind.Statistics => ["order", "anon_fault_alloc", "anon_fault_fallback", "split", "split_failed", "split_deferred", "nr_anon", "nr_anon_partially_mapped"],
        RecordKind.Process => ["process", "rss anon", "page tables", "thp disable", "rss file"],
        RecordKind.Vma => ["start", "length", "protection", "flags", "offset", "anon_vma"],
        RecordKind.Ptes => ["page", "count", "folio", "index", "bits"],
        RecordKind.Smaps => ["Rss", "Anonymous", "Private_Clean", "Private_Dirty", "Shared_Clean", "Shared_Dirty", "LazyFree", "Locked", "THPeligible", "AnonHugePages"],
        RecordKind.Folio =>
        [
            "folio", "order", "frame", "references", "mapcount", "entire mapcount", "pages mapped", "slot 0 process", "slot 0 count",
            "slot 1 process", "slot 1 count", "maybe mapped shared", "pins", "partially mapped", "queued", "swapbacked", "dirty", "mlocked", "mlock count", "file page",
        ],
        RecordKind.Value => ["page", "token"],
        _ => [],
    };

    internal static long Header(RecordKind kind, int fields) => (long)kind | ((long)fields << 8);

    internal static RecordKind Kind(long header) => (RecordKind)(header & 0xFF);

    internal static int FieldCount(long header) => (int)(header >> 8);
}
