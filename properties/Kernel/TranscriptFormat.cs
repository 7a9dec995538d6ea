namespace FolioCheck.Kernel;

/// <summary>The words of the format ko-trace/1. The reader refuses any other.</summary>
public static class TranscriptFormat
{
    /// <summary>Name of the format.</summary>
    public const string Schema = "ko-trace/1";

    /// <summary>Bytes in a page.</summary>
    public const int PageBytes = 4096;

    /// <summary>kB in a page.</summary>
    public const int PageKilobytes = PageBytes / 1024;

    /// <summary>Longest line that is read.</summary>
    public const int LongestLine = 64 << 20;

    /// <summary>Kinds of a run: mapped page of a folio, zero page, swap entry, guard marker.</summary>
    public const string RunKinds = "MZSG";

    /// <summary>
    /// Flags of a run, in their order: AnonExclusive, kept (same frame at this place as in the record before), not present, writable,
    /// dirty, PMD mapped, mapped once, file page, userfaultfd write-protected.
    /// </summary>
    public const string RunFlags = "XKNWDPEFU";

    /// <summary>Sizes in kB that have a directory in sysfs. The smallest has no setting for anonymous memory.</summary>
    public static IReadOnlySet<string> Sizes { get; } = Words("8 16 32 64 128 256 512 1024 2048");

    /// <summary>Modes of <c>shmem_enabled</c>.</summary>
    public static IReadOnlySet<string> ShmemModes { get; } = Words("never madvise advise within_size inherit always");

    /// <summary>Counters of a size, in <c>hugepages-*kB/stats</c>.</summary>
    public static IReadOnlySet<string> SizeCounters { get; } = Words(
        "anon_fault_alloc anon_fault_fallback anon_fault_fallback_charge nr_anon nr_anon_partially_mapped shmem_alloc shmem_fallback "
        + "shmem_fallback_charge split split_deferred split_failed swpin swpin_fallback swpin_fallback_charge swpout swpout_fallback "
        + "zswpout");

    /// <summary>Counters of <c>/proc/vmstat</c>.</summary>
    public static IReadOnlySet<string> VmCounters { get; } = Words(
        "thp_fault_alloc thp_fault_fallback thp_collapse_alloc thp_file_alloc thp_file_mapped thp_split_page thp_split_page_failed "
        + "thp_deferred_split_page thp_underused_split_page thp_split_pmd thp_zero_page_alloc thp_swpout thp_swpout_fallback pswpin "
        + "pswpout swpin_zero swpout_zero swap_ra pglazyfreed");

    /// <summary>Fields of smaps.</summary>
    public static IReadOnlySet<string> SmapsFields { get; } = Words(
        "Rss Pss Shared_Clean Shared_Dirty Private_Clean Private_Dirty Referenced Anonymous LazyFree AnonHugePages ShmemPmdMapped "
        + "FilePmdMapped Swap Locked THPeligible");

    /// <summary>VmFlags that are recorded.</summary>
    public static IReadOnlySet<string> VmaFlags { get; } = Words("hg nh lo lf um uw dc wf");

    /// <summary>Types of a folio.</summary>
    public static IReadOnlySet<string> FolioTypes { get; } = Words("anon shmem file");

    /// <summary>Page flags that are recorded.</summary>
    public static IReadOnlySet<string> KernelFlags { get; } = Words(
        "lru active unevictable mlocked dirty swapcache swapbacked writeback thp referenced uptodate idle ksm");

    /// <summary>Names of an advice.</summary>
    public static IReadOnlySet<string> Advices { get; } = Words(
        "NORMAL WILLNEED DONTNEED FREE REMOVE DONTFORK DOFORK HUGEPAGE NOHUGEPAGE WIPEONFORK KEEPONFORK COLD PAGEOUT POPULATE_READ "
        + "POPULATE_WRITE COLLAPSE GUARD_INSTALL GUARD_REMOVE DONTNEED_LOCKED");

    /// <summary>Whether a name is that of a recorded counter.</summary>
    public static bool IsCounter(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
            return false;
        string group = name[..dot];
        string counter = name[(dot + 1)..];
        return group == "vm" ? VmCounters.Contains(counter) : Sizes.Contains(group) && SizeCounters.Contains(counter);
    }

    /// <summary>Whether a text consists of flag letters in their order, each at most once.</summary>
    public static bool AreRunFlags(string text)
    {
        int next = 0;
        foreach (char letter in text)
        {
            int place = RunFlags.IndexOf(letter, next);
            if (place < 0)
                return false;
            next = place + 1;
        }
        return true;
    }

    private static HashSet<string> Words(string words) => new(words.Split(' '), StringComparer.Ordinal);
}
