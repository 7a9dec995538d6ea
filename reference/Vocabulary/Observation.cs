namespace FolioCheck.Vocabulary;

/// <summary>
/// The canonical picture of everything visible after an operation, as flat records of 64-bit numbers, so that two pictures are
/// compared by one pass over memory. <see cref="ObservationLayout"/> names every field; records come in this order:
/// machine; statistics by order; each process by number, with its VMAs by address, each followed by its PTE runs and its smaps;
/// each live folio by canonical id; the deferred-split queue.
/// A folio's canonical id is the order of its first appearance in the page tables, then the order of birth for live folios that nothing maps.
/// An anon_vma's canonical id is the order of its first appearance among the VMAs.
/// </summary>
public sealed class Observation
{
    private long[] _items = new long[1024];
    private int _length;
    private int _open = -1;

    /// <summary>All records, one after the other: a header (kind and field count) and the fields.</summary>
    public ReadOnlySpan<long> Items => _items.AsSpan(0, _length);

    /// <summary>Removes all records.</summary>
    public void Clear()
    {
        _length = 0;
        _open = -1;
    }

    /// <summary>Whether two pictures are equal.</summary>
    public bool SameAs(Observation other) => Items.SequenceEqual(other.Items);

    /// <summary>Adds a record: <see cref="RecordKind.Machine"/>.</summary>
    public void AddMachine(in MachineState machine)
    {
        Span<long> fields = Begin(RecordKind.Machine, 10);
        fields[0] = machine.AnonMapped;
        fields[1] = machine.FreeFrames;
        fields[2] = machine.AnonThps;
        fields[3] = machine.HugeZeroFrame;
        fields[4] = machine.SplitPmd;
        fields[5] = machine.CollapseAlloc;
        fields[6] = machine.CollapseAllocFailed;
        fields[7] = machine.ZeroPageAlloc;
        fields[8] = machine.UnderusedSplit;
        fields[9] = machine.FileMapped;
    }

    /// <summary>Adds a record: <see cref="RecordKind.Statistics"/>, the per-size THP counters of one order.</summary>
    public void AddStatistics(int order, in OrderStatistics statistics)
    {
        Span<long> fields = Begin(RecordKind.Statistics, 8);
        fields[0] = order;
        fields[1] = statistics.AnonFaultAlloc;
        fields[2] = statistics.AnonFaultFallback;
        fields[3] = statistics.Split;
        fields[4] = statistics.SplitFailed;
        fields[5] = statistics.SplitDeferred;
        fields[6] = statistics.NrAnon;
        fields[7] = statistics.NrAnonPartiallyMapped;
    }

    /// <summary>Adds a record: <see cref="RecordKind.Process"/>.</summary>
    /// <param name="process">Process number.</param>
    /// <param name="rssAnon">MM_ANONPAGES in pages.</param>
    /// <param name="pageTables">Leaf tables, deposited ones included.</param>
    /// <param name="thpDisable">Whether large folios are disabled for it.</param>
    /// <param name="rssFile">MM_FILEPAGES in pages.</param>
    public void AddProcess(int process, long rssAnon, long pageTables, ThpDisable thpDisable, long rssFile = 0)
    {
        Span<long> fields = Begin(RecordKind.Process, 5);
        fields[0] = process;
        fields[1] = rssAnon;
        fields[2] = pageTables;
        fields[3] = (long)thpDisable;
        fields[4] = rssFile;
    }

    /// <summary>Adds a record: <see cref="RecordKind.Vma"/>.</summary>
    /// <param name="start">First page.</param>
    /// <param name="length">Pages.</param>
    /// <param name="protection">Access rights.</param>
    /// <param name="flags">The other flags.</param>
    /// <param name="offset">vm_pgoff less the first page: 0 until an mremap moved faulted memory.</param>
    /// <param name="anonVma">Canonical id of the anon_vma, or -1.</param>
    public void AddVma(long start, long length, Protection protection, VmaFlags flags, long offset, int anonVma)
    {
        Span<long> fields = Begin(RecordKind.Vma, 6);
        fields[0] = start;
        fields[1] = length;
        fields[2] = (long)protection;
        fields[3] = (long)flags;
        fields[4] = offset;
        fields[5] = anonVma;
    }

    /// <summary>
    /// Adds entries: a run of consecutive pages that map consecutive pages of one folio with equal bits. Extends the last
    /// record when the run continues it, so the runs in the picture are maximal however the caller cuts them.
    /// </summary>
    /// <param name="page">First virtual page.</param>
    /// <param name="count">Entries.</param>
    /// <param name="folio">
    /// Canonical folio id, or <see cref="ObservationLayout.ZeroPage"/> or <see cref="ObservationLayout.GuardMarker"/> (index is 0 all through such a run).
    /// </param>
    /// <param name="index">Page within the folio that the first entry maps.</param>
    /// <param name="bits">Bits of each entry.</param>
    public void AddPtes(long page, long count, int folio, int index, PteBits bits)
    {
        if (_open >= 0)
        {
            Span<long> last = _items.AsSpan(_open, 5);
            bool continues = last[0] + last[1] == page && last[2] == folio && last[4] == (long)bits
                && (folio < 0 || last[3] + last[1] == index);
            if (continues)
            {
                last[1] += count;
                return;
            }
        }
        Span<long> fields = Begin(RecordKind.Ptes, 5);
        _open = _length - 5;
        fields[0] = page;
        fields[1] = count;
        fields[2] = folio;
        fields[3] = index;
        fields[4] = (long)bits;
    }

    /// <summary>Adds a record: <see cref="RecordKind.Smaps"/>, what /proc/PID/smaps tells of the VMA before it.</summary>
    public void AddSmaps(in Smaps smaps)
    {
        Span<long> fields = Begin(RecordKind.Smaps, 10);
        fields[0] = smaps.Rss;
        fields[1] = smaps.Anonymous;
        fields[2] = smaps.PrivateClean;
        fields[3] = smaps.PrivateDirty;
        fields[4] = smaps.SharedClean;
        fields[5] = smaps.SharedDirty;
        fields[6] = smaps.LazyFree;
        fields[7] = smaps.Locked;
        fields[8] = smaps.ThpEligible ? 1 : 0;
        fields[9] = smaps.AnonHugePages;
    }

    /// <summary>Adds a record: <see cref="RecordKind.Folio"/>. The three per-page records of the folio must follow.</summary>
    public void AddFolio(in FolioState folio)
    {
        Span<long> fields = Begin(RecordKind.Folio, 20);
        fields[0] = folio.Id;
        fields[1] = folio.Order;
        fields[2] = folio.Frame;
        fields[3] = folio.References;
        fields[4] = folio.Mapcount;
        fields[5] = folio.EntireMapcount;
        fields[6] = folio.NrPagesMapped;
        fields[7] = folio.Slot0Process;
        fields[8] = folio.Slot0Count;
        fields[9] = folio.Slot1Process;
        fields[10] = folio.Slot1Count;
        fields[11] = folio.MaybeMappedShared ? 1 : 0;
        fields[12] = folio.Pins;
        fields[13] = folio.PartiallyMapped ? 1 : 0;
        fields[14] = folio.Queued ? 1 : 0;
        fields[15] = folio.SwapBacked ? 1 : 0;
        fields[16] = folio.Dirty ? 1 : 0;
        fields[17] = folio.Mlocked ? 1 : 0;
        fields[18] = folio.MlockCount;
        fields[19] = folio.FilePage;
    }

    /// <summary>Adds a record of one value for each page of the folio before it, and returns the values to be filled in.</summary>
    /// <param name="kind"><see cref="RecordKind.Mapcounts"/>, <see cref="RecordKind.Exclusive"/> or <see cref="RecordKind.Contents"/>.</param>
    /// <param name="pages">Pages of the folio.</param>
    public Span<long> AddPages(RecordKind kind, int pages) => Begin(kind, pages);

    /// <summary>Adds the last record: canonical ids of the folios on the deferred-split queue, oldest first; returns them to be filled in.</summary>
    public Span<long> AddDeferredQueue(int folios) => Begin(RecordKind.DeferredQueue, folios);

    /// <summary>Adds a record of any kind but <see cref="RecordKind.Ptes"/>, whose runs must stay maximal; returns the fields to be filled in.</summary>
    /// <param name="kind">What the fields mean.</param>
    /// <param name="fields">Their number.</param>
    public Span<long> AddRecord(RecordKind kind, int fields) => Begin(kind, fields);

    /// <summary>Walks the records.</summary>
    public RecordEnumerator GetEnumerator() => new(Items);

    private Span<long> Begin(RecordKind kind, int fields)
    {
        int end = _length + 1 + fields;
        if (end > _items.Length)
            Array.Resize(ref _items, Math.Max(end, _items.Length * 2));
        _items[_length] = ObservationLayout.Header(kind, fields);
        Span<long> span = _items.AsSpan(_length + 1, fields);
        _length = end;
        _open = -1;
        return span;
    }
}

/// <summary>One record of an <see cref="Observation"/>.</summary>
public readonly ref struct ObservationRecord
{
    /// <summary>What the fields mean.</summary>
    public RecordKind Kind { get; init; }

    /// <summary>The fields, named by <see cref="ObservationLayout"/>.</summary>
    public ReadOnlySpan<long> Fields { get; init; }

    /// <summary>Index of the first field in <see cref="Observation.Items"/>.</summary>
    public int Offset { get; init; }
}

/// <summary>Walks the records of an <see cref="Observation"/>.</summary>
public ref struct RecordEnumerator
{
    private readonly ReadOnlySpan<long> _items;
    private int _next;

    internal RecordEnumerator(ReadOnlySpan<long> items)
    {
        _items = items;
        _next = 0;
        Current = default;
    }

    /// <summary>The record at hand.</summary>
    public ObservationRecord Current { get; private set; }

    /// <summary>Goes to the next record.</summary>
    public bool MoveNext()
    {
        if (_next >= _items.Length)
            return false;
        int count = ObservationLayout.FieldCount(_items[_next]);
        Current = new ObservationRecord
        {
            Kind = ObservationLayout.Kind(_items[_next]),
            Fields = _items.Slice(_next + 1, count),
            Offset = _next + 1,
        };
        _next += 1 + count;
        return true;
    }
}
