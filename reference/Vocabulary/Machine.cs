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

    /// <summary>What Linux 6.18 does.</summary>
    Linux618 = SplitCountsAsDeferred | MoveDropsNeighboursUffd | MergeDropsSoftDirty,
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

    /// <summary>Entries in one contiguous-PTE block: 4, 8 or 16, at most a table. Used by generation until the arm64 layer lands.</summary>
    public int ContPteEntries { get; init; } = 8;

    /// <summary>Frames of physical memory, a power of two.</summary>
    public int Frames { get; init; } = 4096;

    /// <summary>Batch policy.</summary>
    public BatchPolicy Batches { get; init; } = BatchPolicy.Kernel;

    /// <summary>THP settings at the start.</summary>
    public ThpPolicy Thp { get; init; } = ThpPolicy.Off;

    /// <summary>CONFIG_MEM_SOFT_DIRTY: whether entries remember that they were written since the last clear_refs. The recorded kernel does without.</summary>
    public bool SoftDirty { get; init; }

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
        if (Thp.Global == ThpMode.Inherit)
            return "the global THP setting is always, madvise or never";
        return null;
    }
}
