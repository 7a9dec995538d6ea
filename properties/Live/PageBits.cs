namespace FolioCheck.Live;

/// <summary>Bits of the interfaces that are looked at: documented ones (pagemap.rst) and those of an x86-64 page-table entry.</summary>
internal static class PageBits
{
    public const ulong FrameMask = (1UL << 55) - 1;
    public const ulong MappedOnce = 1UL << 56;
    public const ulong UffdWriteProtected = 1UL << 57;
    public const ulong Guard = 1UL << 58;
    public const ulong File = 1UL << 61;
    public const ulong Swapped = 1UL << 62;
    public const ulong Present = 1UL << 63;

    public const ulong EntryPresent = 1;
    public const ulong EntryWritable = 1UL << 1;

    /// <summary>_PAGE_DIRTY, or _PAGE_SAVED_DIRTY, which keeps it where a write-protected entry may not have it (shadow stacks).</summary>
    public const ulong EntryDirty = (1UL << 6) | (1UL << 58);

    private const ulong EntryMapsItself = 1UL << 7;
    private const ulong EntryProtNone = 1UL << 8;

    public const int Anonymous = 12;
    public const int SwapBacked = 14;
    public const int CompoundHead = 15;
    public const int CompoundTail = 16;
    public const int ZeroPage = 24;

    /// <summary>The recorded flags, with their bits in /proc/kpageflags, in the order of the recordings.</summary>
    public static IReadOnlyList<(int Bit, string Name)> Recorded { get; } =
    [
        (5, "lru"), (6, "active"), (18, "unevictable"), (33, "mlocked"), (4, "dirty"), (13, "swapcache"), (SwapBacked, "swapbacked"), (8, "writeback"),
        (22, "thp"), (2, "referenced"), (3, "uptodate"), (25, "idle"), (21, "ksm"),
    ];

    /// <summary>
    /// Whether an entry is that of a PMD that maps memory, be it without any right. In the entry of a page the bit belongs to the caching attributes, and
    /// anonymous memory never has it set.
    /// </summary>
    public static bool IsPmd(ulong entry) => (entry & EntryMapsItself) != 0 && (entry & (EntryPresent | EntryProtNone)) != 0;

    /// <summary>Whether a flag is set.</summary>
    public static bool Has(ulong flags, int bit) => (flags >> bit & 1) != 0;
}
