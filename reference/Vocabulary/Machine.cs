using System.Numerics;

namespace FolioCheck.Vocabulary;

/// <summary>How many page-table entries one step of a batched walk may take.</summary>
public enum BatchPolicy
{
    /// <summary>As many as the kernel's folio_pte_batch would take.</summary>
    Kernel,

    /// <summary>One at a time: the same code, the same results but for what batch borders decide (SPECIFICATION.md 13b, law 48).</summary>
    Singles,
}

/// <summary>The architecture that the entries of page tables follow.</summary>
public enum Arch
{
    /// <summary>x86-64: every entry stands for itself.</summary>
    X86,

    /// <summary>arm64 with CONFIG_ARM64_CONTPTE: aligned blocks of entries are folded into one translation where that is possible (SPECIFICATION.md 7, 17.28).</summary>
    Arm64,
}

/// <summary>Who sets the access flag and the dirty state of an entry when memory is accessed.</summary>
public enum AccessFlags
{
    /// <summary>The hardware.</summary>
    Hardware,

    /// <summary>Nobody: an access to an entry without them faults.</summary>
    Software,

    /// <summary>The hardware for stores; loads come from a walker without such hardware, like a device that shares the page tables.</summary>
    Mixed,
}

/// <summary>How much finish_fault maps of the folio of a file that a fault met.</summary>
public enum FinishFault
{
    /// <summary>The whole folio, where it fits (Linux 6.18).</summary>
    Folio,

    /// <summary>The page alone (Linux before 6.11).</summary>
    Page,

    /// <summary>The naturally aligned window of <see cref="Machine.FaultAroundPages"/> pages, as was proposed and not taken up.</summary>
    Window,
}

/// <summary>Kernel behaviour that is not part of the design but of a version; each can be switched off.</summary>
[Flags]
public enum Quirks
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>
    /// Splitting a mapped folio installs migration entries page by page, so the folio counts as partially mapped for a moment and
    /// split_deferred rises (observed on 6.18; SPECIFICATION.md 11.2).
    /// </summary>
    SplitCountsAsDeferred = 1,

    /// <summary>
    /// An mremap that moves memory registered with userfaultfd beside other registered memory joins the two before it drops the registration of what was
    /// moved: so the neighbour loses it too, while its entries keep their write-protect bits (observed on 6.18; SPECIFICATION.md 17.17). A kernel defect.
    /// </summary>
    MoveDropsNeighboursUffd = 2,

    /// <summary>
    /// A VMA that results from joining a changed piece with its neighbours has the piece's VM_SOFTDIRTY, so that memory in them that counts as written
    /// because of the flag alone does not any more (SPECIFICATION.md 17.18). A kernel defect, mended after 6.18 by making the flag sticky; it shows only with
    /// CONFIG_MEM_SOFT_DIRTY, so it was not recorded.
    /// </summary>
    MergeDropsSoftDirty = 4,

    /// <summary>
    /// /proc/PID/pagemap computes "mapped exclusively" of every page of a PMD mapping from the folio's first page (observed on 6.18;
    /// SPECIFICATION.md 5.8). A kernel defect. It changes nothing but what pagemap shows.
    /// </summary>
    PagemapLooksAtHead = 8,

    /// <summary>What Linux 6.18 does.</summary>
    Linux618 = SplitCountsAsDeferred | MoveDropsNeighboursUffd | MergeDropsSoftDirty | PagemapLooksAtHead,
}

/// <summary>What was proposed and no kernel has (SPECIFICATION.md 17.27). All off by default.</summary>
[Flags]
public enum Extensions
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A collapse maps a folio that the entries of a block map whole by a PMD, instead of copying it.</summary>
    InPlaceCollapse = 1,

    /// <summary>A collapse puts pages that lie side by side already together, and migrates others that stand between them away.</summary>
    ReformByMigration = 2,

    /// <summary>A folio of the PMD order is zeroed page by page, as pages are accessed.</summary>
    LazyZeroing = 4,

    /// <summary>A PMD mapping can be turned into entries for a time, to see which pages are accessed.</summary>
    AccessDetection = 8,
}

/// <summary>
/// The machine that a scenario runs on: page-table geometry, frames, policies. Small geometries make every mechanism reachable with few pages.
/// Immutable; <see cref="Validate"/> says what is wrong with one.
/// </summary>
public sealed record Machine
{
    /// <summary>Order of the largest PMD mapping any machine has.</summary>
    public const int LargestPmdOrder = 9;

    /// <summary>Smallest order of a large anonymous folio: order 1 is never used for anonymous memory.</summary>
    public const int SmallestLargeOrder = 2;

    /// <summary>First page number beyond the address space.</summary>
    public const long AddressSpacePages = 1L << 34;

    /// <summary>
    /// Pages from which on a writable mapping is refused outright (overcommit_memory 0: more than RAM and swap together). About what the recorded
    /// machine has; no transcript comes near.
    /// </summary>
    public const long CommitLimitPages = 7L << 20;

    /// <summary>Pages at which a length in bytes wraps to zero.</summary>
    public const long LengthWrapsPages = 1L << 52;

    /// <summary>Page-table entries in one leaf table: 8, 16, 32, 64, 128, 256 or 512.</summary>
    public int EntriesPerTable { get; init; } = 512;

    /// <summary>Architecture of the page tables.</summary>
    public Arch Arch { get; init; }

    /// <summary>CONT_PTES: entries in one contiguous-PTE block: 4, 8 or 16, at most a table. Without <see cref="Arch.Arm64"/> it only says which folio orders generation looks at.</summary>
    public int ContPteEntries { get; init; } = 8;

    /// <summary>Who sets the access flag; on x86 always the hardware.</summary>
    public AccessFlags AccessFlags { get; init; }

    /// <summary>BBML2_NOABORT: folding and unfolding need no invalidation.</summary>
    public bool Bbml2 { get; init; }

    /// <summary>Frames of physical memory, a power of two.</summary>
    public int Frames { get; init; } = 4096;

    /// <summary>Batch policy.</summary>
    public BatchPolicy Batches { get; init; } = BatchPolicy.Kernel;

    /// <summary>THP settings at the start.</summary>
    public ThpPolicy Thp { get; init; } = ThpPolicy.Off;

    /// <summary>CONFIG_MEM_SOFT_DIRTY: whether entries remember that they were written since the last clear_refs. The recorded kernel does without.</summary>
    public bool SoftDirty { get; init; }

    /// <summary>use_zero_page: whether a load where a PMD may be mapped maps the huge zero page.</summary>
    public bool UseZeroPage { get; init; } = true;

    /// <summary>khugepaged's max_ptes_none: none and zero-page entries that a block may have; a folio with more pages full of zeroes is underused.</summary>
    public int MaxPtesNone { get; init; } = 511;

    /// <summary>khugepaged's max_ptes_shared: shared pages that a block may have.</summary>
    public int MaxPtesShared { get; init; } = 256;

    /// <summary>Pages of the file that mmap_file maps; 0: there is none. A multiple of its folios.</summary>
    public int FilePages { get; init; }

    /// <summary>Order of the folios that the file has in the page cache.</summary>
    public int FileOrder { get; init; }

    /// <summary>How much finish_fault maps.</summary>
    public FinishFault FinishFault { get; init; }

    /// <summary>fault_around_bytes in pages, a power of two; only <see cref="FinishFault.Window"/> asks for it.</summary>
    public int FaultAroundPages { get; init; } = 16;

    /// <summary>Extensions that are switched on.</summary>
    public Extensions Extensions { get; init; }

    /// <summary>Kernel quirks in force.</summary>
    public Quirks Quirks { get; init; } = Quirks.Linux618;

    /// <summary>Order of a PMD mapping: a whole leaf table.</summary>
    public int PmdOrder => BitOperations.Log2((uint)EntriesPerTable);

    /// <summary>Largest order of a folio that is mapped by PTEs at a fault.</summary>
    public int LargestPteOrder => PmdOrder - 1;

    /// <summary>Returns what is wrong with this machine, or null.</summary>
    public string? Validate()
    {
        if (EntriesPerTable is < 8 or > 512 || !BitOperations.IsPow2(EntriesPerTable))
            return $"a leaf table holds 8 to 512 entries, a power of two; {EntriesPerTable} is not";
        if (ContPteEntries is < 4 or > 16 || !BitOperations.IsPow2(ContPteEntries) || ContPteEntries > EntriesPerTable)
            return $"a contiguous-PTE block holds 4, 8 or 16 entries, at most a table of {EntriesPerTable}; {ContPteEntries} is not";
        if (Frames is < 8 or > 1 << 20 || !BitOperations.IsPow2(Frames))
            return $"a machine has 8 to {1 << 20} frames, a power of two; {Frames} is not";
        if (Arch == Arch.Arm64 && SoftDirty)
            return "arm64 has no soft-dirty bits";
        if (Arch == Arch.X86 && (AccessFlags != AccessFlags.Hardware || Bbml2))
            return "on x86 the hardware sets the access flag, and there is no BBML2";
        if (FileOrder < 0 || FileOrder > LargestPteOrder || FilePages < 0 || FilePages > Frames || FilePages % (1 << FileOrder) != 0)
            return $"a file has whole folios of order 0 to {LargestPteOrder} and at most {Frames} pages; {FilePages} of order {FileOrder} is not";
        if (FaultAroundPages is < 1 or > 512 || !BitOperations.IsPow2(FaultAroundPages))
            return $"faults look at 1 to 512 pages around, a power of two; {FaultAroundPages} is not";
        if (Thp.Global == ThpMode.Inherit)
            return "the global THP setting is always, madvise or never";
        return null;
    }
}
