using System.Collections.Immutable;
using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>One MM-ID slot of a large folio: a process and the mappings tracked for it. Count 0 means free (SPECIFICATION.md 5.4).</summary>
internal readonly record struct MmIdSlot(Process? Process, int Count);

/// <summary>
/// A folio: its place, its contents, and true history only. Mapcounts, references, pages mapped and the statistics of live folios are
/// never stored: <see cref="Census"/> counts them in the page tables.
/// </summary>
internal sealed class Folio(int order, int frame)
{
    /// <summary>log2 of the pages.</summary>
    public int Order { get; } = order;

    /// <summary>First frame. Only migration changes it.</summary>
    public int Frame { get; set; } = frame;

    /// <summary>Number of pages.</summary>
    public int Pages => 1 << Order;

    /// <summary>Order 1 and up.</summary>
    public bool IsLarge => Order > 0;

    /// <summary>The token in each page.</summary>
    public int[] Contents { get; } = new int[1 << order];

    /// <summary>PageAnonExclusive of each page. Unmapping does not clear it.</summary>
    public bool[] Exclusive { get; } = new bool[1 << order];

    /// <summary>The two MM-ID slots.</summary>
    public MmIdSlot[] Slots { get; } = new MmIdSlot[2];

    /// <summary>FOLIO_MM_IDS_SHARED.</summary>
    public bool MaybeMappedShared { get; set; }

    /// <summary>PG_partially_mapped.</summary>
    public bool PartiallyMapped { get; set; }

    /// <summary>PG_swapbacked.</summary>
    public bool SwapBacked { get; set; } = true;

    /// <summary>PG_dirty.</summary>
    public bool Dirty { get; set; }

    /// <summary>References that are not mappings: plain ones and pins, a pin of a small folio counting <see cref="PinBias"/>.</summary>
    public int ExtraReferences { get; set; }

    /// <summary>Page of the file that its first page holds; -1: it is anonymous.</summary>
    public int FilePage { get; set; } = -1;

    /// <summary>Whether it is in the page cache of the file.</summary>
    public bool IsFile => FilePage >= 0;

    /// <summary>PG_mlocked: on the unevictable list.</summary>
    public bool Mlocked { get; set; }

    /// <summary>mlock_count: how often it was mlocked and not munlocked since.</summary>
    public int MlockCount { get; set; }

    /// <summary>_pincount: pins of a large folio.</summary>
    public int Pins { get; set; }

    /// <summary>GUP_PIN_COUNTING_BIAS: references that one pin adds to a small folio, which has no pin counter.</summary>
    public const int PinBias = 1024;
}

/// <summary>
/// A present page-table entry. No folio means the zero page. A PMD mapping is written down as the entries of a whole block, all alike, that say so
/// (<paramref name="Pmd"/>): whatever changes one of them changes all.
/// </summary>
internal readonly record struct Pte(
    Folio? Folio, int Index, bool Writable, bool Dirty, bool Young, bool ProtNone = false, bool UffdWp = false, bool SoftDirty = false, bool Pmd = false,
    bool Contiguous = false);

/// <summary>An anon_vma. Its children and users are counted among the VMAs when asked for (SPECIFICATION.md 17.5).</summary>
internal sealed class AnonVma
{
    public AnonVma(AnonVma? parent) => Parent = parent ?? this;

    /// <summary>The anon_vma it was forked from; a root is its own.</summary>
    public AnonVma Parent { get; }
}

/// <summary>A VMA over pages [Start, End).</summary>
internal sealed record Vma(long Start, long End, Protection Protection, VmaFlags Flags)
{
    /// <summary>vm_pgoff: the page number at which the first page counts as anonymous memory.</summary>
    public required long Offset { get; init; }

    /// <summary>Number of pages.</summary>
    public long Length => End - Start;

    /// <summary>The bounds with which it stands in the tree of its anon_vmas, and the operation that put it there.</summary>
    public (long Start, long End, long Since) Place { get; init; }

    /// <summary>vma->anon_vma.</summary>
    public AnonVma? AnonVma { get; init; }

    /// <summary>vma->anon_vma_chain, root first.</summary>
    public ImmutableList<AnonVma> Chain { get; init; } = [];

    /// <summary>VM_WRITE.</summary>
    public bool AllowsStores => (Protection & Protection.Write) != 0;

    /// <summary>VM_SHARED: a mapping of the file.</summary>
    public bool IsShared => (Flags & VmaFlags.Shared) != 0;

    /// <summary>VM_LOCKED.</summary>
    public bool IsLocked => (Flags & VmaFlags.Locked) != 0;

    /// <summary>Whether what it maps is to be present at all times: locked, and not only what is faulted in.</summary>
    public bool IsLockedPresent => (Flags & (VmaFlags.Locked | VmaFlags.LockOnFault)) == VmaFlags.Locked;

    /// <summary>Registered with userfaultfd.</summary>
    public bool IsUffdWp => (Flags & VmaFlags.UffdWp) != 0;

    /// <summary>Whether [start, end) lies inside.</summary>
    public bool Covers(long start, long end) => Start <= start && end <= End;
}

/// <summary>A process: its VMAs by start and its page table by page.</summary>
internal sealed class Process(int number, PageTable pageTable)
{
    /// <summary>Its number in operations.</summary>
    public int Number { get; } = number;

    /// <summary>mm->flags MMF_HAS_PINNED: something in this process was pinned once.</summary>
    public bool HasPinned { get; set; }

    /// <summary>What it asked for with PR_SET_THP_DISABLE.</summary>
    public ThpDisable ThpDisable { get; set; }

    /// <summary>Blocks, by their number, that have a leaf table: one in use, or one deposited behind a PMD mapping.</summary>
    public SortedSet<long> Tables { get; } = [];

    /// <summary>MMF_HUGE_ZERO_FOLIO: it mapped the huge zero page once, and holds it until exit.</summary>
    public bool HoldsHugeZero { get; set; }

    /// <summary>Pages with a guard marker: their entries are not present, and not none either.</summary>
    public SortedSet<long> GuardMarkers { get; init; } = [];

    /// <summary>Held references by handle. Pipes and pins are numbered apart.</summary>
    public SortedDictionary<(int Handle, bool IsPin), Hold> Holds { get; } = [];

    /// <summary>References whose handle was given to newer ones: held until exit.</summary>
    public List<Hold> LostHolds { get; } = [];

    /// <summary>VMAs by first page.</summary>
    public SortedList<long, Vma> Vmas { get; } = [];

    /// <summary>Present entries by page.</summary>
    public PageTable PageTable { get; } = pageTable;

    /// <summary>The VMA that holds a page, or null.</summary>
    public Vma? FindVma(long page)
    {
        foreach (Vma vma in Vmas.Values)
        {
            if (vma.Start <= page && page < vma.End)
                return vma;
        }
        return null;
    }

    /// <summary>VMAs that overlap [start, end), ascending.</summary>
    public List<Vma> VmasIn(long start, long end) => [.. Vmas.Values.Where(vma => Math.Max(start, vma.Start) < Math.Min(end, vma.End))];

    /// <summary>Pages in [start, end) with a present entry, ascending.</summary>
    public List<long> PresentPages(long start, long end)
    {
        var pages = new List<long>();
        IList<long> all = PageTable.Pages;
        for (int i = PageTable.FirstAtOrAfter(start); i < all.Count && all[i] < end; i++)
            pages.Add(all[i]);
        return pages;
    }

    /// <summary>Whether every entry of [start, end) is none.</summary>
    public bool IsNone(long start, long end) => FirstPresent(start, end) is null && !GuardsIn(start, end).Any();

    /// <summary>Guard markers in [start, end), ascending.</summary>
    public IEnumerable<long> GuardsIn(long start, long end) =>
        GuardMarkers.Count == 0 || start >= end ? [] : GuardMarkers.GetViewBetween(start, end - 1);

    /// <summary>First page in [start, end) with a present entry, or null.</summary>
    public long? FirstPresent(long start, long end)
    {
        int i = PageTable.FirstAtOrAfter(start);
        return i < PageTable.Pages.Count && PageTable.Pages[i] < end ? PageTable.Pages[i] : null;
    }

    /// <summary>Present entries of [start, end) with their pages, ascending.</summary>
    public IEnumerable<(long Page, Pte Pte)> Entries(long start, long end) => PresentPages(start, end).Select(page => (page, PageTable[page]));
}

/// <summary>
/// References held under a handle: plain ones (a pipe that forked children share, so that the last holder drops them) or pins.
/// </summary>
internal sealed class Hold(bool isPin)
{
    /// <summary>Whether these are pins.</summary>
    public bool IsPin { get; } = isPin;

    /// <summary>Processes that hold the handle.</summary>
    public int Holders { get; set; } = 1;

    /// <summary>What is held, in page order: the folio and how many references (or pins) on it.</summary>
    public List<(Folio Folio, int Count)> Items { get; } = [];

    /// <summary>Notes references on the next page, which may be of the same folio as the page before.</summary>
    public void Add(Folio folio, int count)
    {
        if (Items.Count > 0 && Items[^1].Folio == folio)
            Items[^1] = (folio, Items[^1].Count + count);
        else
            Items.Add((folio, count));
    }
}
