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

    /// <summary>First frame.</summary>
    public int Frame { get; } = frame;

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

    /// <summary>PG_mlocked: on the unevictable list.</summary>
    public bool Mlocked { get; set; }

    /// <summary>mlock_count: how often it was mlocked and not munlocked since.</summary>
    public int MlockCount { get; set; }

    /// <summary>_pincount: pins of a large folio.</summary>
    public int Pins { get; set; }

    /// <summary>GUP_PIN_COUNTING_BIAS: references that one pin adds to a small folio, which has no pin counter.</summary>
    public const int PinBias = 1024;
}

/// <summary>A present page-table entry. No folio means the zero page.</summary>
internal readonly record struct Pte(
    Folio? Folio, int Index, bool Writable, bool Dirty, bool Young, bool ProtNone = false, bool UffdWp = false, bool SoftDirty = false);

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

    /// <summary>vma->anon_vma.</summary>
    public AnonVma? AnonVma { get; init; }

    /// <summary>vma->anon_vma_chain, root first.</summary>
    public ImmutableList<AnonVma> Chain { get; init; } = [];

    /// <summary>VM_WRITE.</summary>
    public bool AllowsStores => (Protection & Protection.Write) != 0;

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
internal sealed class Process(int number)
{
    /// <summary>Its number in operations.</summary>
    public int Number { get; } = number;

    /// <summary>mm->flags MMF_HAS_PINNED: something in this process was pinned once.</summary>
    public bool HasPinned { get; set; }

    /// <summary>What it asked for with PR_SET_THP_DISABLE.</summary>
    public ThpDisable ThpDisable { get; set; }

    /// <summary>Pages with a guard marker: their entries are not present, and not none either.</summary>
    public SortedSet<long> GuardMarkers { get; init; } = [];

    /// <summary>Held references by handle. Pipes and pins are numbered apart.</summary>
    public SortedDictionary<(int Handle, bool IsPin), Hold> Holds { get; } = [];

    /// <summary>References whose handle was given to newer ones: held until exit.</summary>
    public List<Hold> LostHolds { get; } = [];

    /// <summary>VMAs by first page.</summary>
    public SortedList<long, Vma> Vmas { get; } = [];

    /// <summary>Present entries by page.</summary>
    public SortedList<long, Pte> PageTable { get; } = [];

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
        for (int i = FirstAtOrAfter(start); i < PageTable.Count && PageTable.GetKeyAtIndex(i) < end; i++)
            pages.Add(PageTable.GetKeyAtIndex(i));
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
        int i = FirstAtOrAfter(start);
        return i < PageTable.Count && PageTable.GetKeyAtIndex(i) < end ? PageTable.GetKeyAtIndex(i) : null;
    }

    /// <summary>Present entries of [start, end) with their pages, ascending.</summary>
    public IEnumerable<(long Page, Pte Pte)> Entries(long start, long end)
    {
        for (int i = FirstAtOrAfter(start); i < PageTable.Count && PageTable.GetKeyAtIndex(i) < end; i++)
            yield return (PageTable.GetKeyAtIndex(i), PageTable.GetValueAtIndex(i));
    }

    private int FirstAtOrAfter(long page)
    {
        int low = 0;
        int high = PageTable.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (PageTable.GetKeyAtIndex(middle) < page)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
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
