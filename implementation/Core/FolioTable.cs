using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Flags of a folio.</summary>
[Flags]
internal enum FolioFlags : byte
{
    None = 0,

    /// <summary>PG_swapbacked.</summary>
    SwapBacked = 1,

    /// <summary>PG_dirty.</summary>
    Dirty = 2,

    /// <summary>PG_partially_mapped.</summary>
    PartiallyMapped = 4,

    /// <summary>PG_mlocked.</summary>
    Mlocked = 8,
}

/// <summary>
/// All folios, as one array for each field. A folio's handle is the number of its first frame; fields of the folio stand
/// there, fields of its pages stand at each frame.
/// <code>
/// frame        16   17   18   19   20      a folio of order 2 at 16, a small one at 20
/// Head         16   16   16   16   20
/// Mapcount      2    1    1    0    1      of each page
/// Order         2    .    .    .    0      of the folio, at its head
/// References    4    .    .    .    1
/// </code>
/// The arrays cover the frames that were ever used, not the whole machine: frames are handed out from the lowest on.
/// </summary>
internal sealed class FolioTable
{
    /// <summary>GUP_PIN_COUNTING_BIAS: references that one pin takes on a small folio.</summary>
    public const int ReferencesPerPin = 1024;

    private readonly FrameAllocator _frames;
    private long _births;

    public FolioTable(FrameAllocator frames)
    {
        _frames = frames;
        MmIds = new MmIds();
        Deferred = new DeferredSplit(this);
    }

    /// <summary>Frames that the arrays have room for.</summary>
    public int Capacity => Head.Length;

    /// <summary>Page: the folio it belongs to.</summary>
    public int[] Head { get; private set; } = [];

    /// <summary>Page: _mapcount, without the kernel's bias of -1.</summary>
    public int[] Mapcount { get; private set; } = [];

    /// <summary>Page: what a program would read there.</summary>
    public int[] Token { get; private set; } = [];

    /// <summary>Page: PageAnonExclusive. Stays behind when the last mapping goes, as in the kernel.</summary>
    public BitPlane AnonExclusive { get; private set; } = new(0);

    /// <summary>Folio: log2 of its pages.</summary>
    public byte[] Order { get; private set; } = [];

    /// <summary>Folio: flags.</summary>
    public FolioFlags[] Flags { get; private set; } = [];

    /// <summary>Folio: _refcount.</summary>
    public int[] References { get; private set; } = [];

    /// <summary>Folio: _large_mapcount, without the kernel's bias; unused in small folios.</summary>
    public int[] LargeMapcount { get; private set; } = [];

    /// <summary>Folio: _nr_pages_mapped; unused in small folios.</summary>
    public int[] PagesMapped { get; private set; } = [];

    /// <summary>Folio: the part of _refcount that long-term pins took (_pincount); unused in small folios.</summary>
    public int[] Pins { get; private set; } = [];

    /// <summary>Folio: mlock_count: how many munlocks take the mark away; 0 without it, and in what a folio split left behind it.</summary>
    public int[] MlockCount { get; private set; } = [];

    /// <summary>
    /// Folio: folio->index, the vm_pgoff of its first page wherever that page is mapped; unused in small folios, which nobody
    /// ever has to find.
    /// </summary>
    public long[] Index { get; private set; } = [];

    /// <summary>Folio: its place in the order of births, by which those that nothing maps are named.</summary>
    public long[] Birth { get; private set; } = [];

    /// <summary>Which processes map a large folio.</summary>
    public MmIds MmIds { get; }

    /// <summary>The deferred-split queue.</summary>
    public DeferredSplit Deferred { get; }

    /// <summary>Per-size THP counters by order.</summary>
    public OrderStatistics[] Statistics { get; } = new OrderStatistics[Machine.LargestPmdOrder + 1];

    public bool IsDirty(int folio) => (Flags[folio] & FolioFlags.Dirty) != 0;

    public bool IsMlocked(int folio) => (Flags[folio] & FolioFlags.Mlocked) != 0;

    public bool IsPartiallyMapped(int folio) => (Flags[folio] & FolioFlags.PartiallyMapped) != 0;

    /// <summary>folio_mapcount.</summary>
    public int MapcountOf(int folio) => Order[folio] == 0 ? Mapcount[folio] : LargeMapcount[folio];

    /// <summary>Whether the folio has as many mappings as pages: what madvise takes for "fully mapped, by nobody else".</summary>
    public bool IsMappedOnce(int folio) => MapcountOf(folio) == 1 << Order[folio];

    /// <summary>
    /// folio_maybe_dma_pinned: exact for large folios; a small one counts each pin as so many references, and that many plain
    /// references look like a pin.
    /// </summary>
    public bool MaybePinned(int folio) => Order[folio] == 0 ? References[folio] >= ReferencesPerPin : Pins[folio] > 0;

    /// <summary>
    /// folio_maybe_mapped_shared of a large folio: a lone mapping is never shared, whatever the flag says (SPECIFICATION.md 5.5).
    /// </summary>
    public bool MaybeMappedShared(int folio) => LargeMapcount[folio] > 1 && MmIds.IsShared(folio);

    /// <summary>A new folio with one reference, zero-filled, mapped nowhere; -1 when no aligned block of frames is free.</summary>
    public int Create(int order)
    {
        int folio = _frames.Allocate(order);
        if (folio < 0)
            return folio;
        int pages = 1 << order;
        MakeRoom(folio + pages);
        Head.AsSpan(folio, pages).Fill(folio);
        Token.AsSpan(folio, pages).Clear();
        Order[folio] = (byte)order;
        Flags[folio] = FolioFlags.SwapBacked;
        References[folio] = 1;
        MlockCount[folio] = 0;
        Birth[folio] = _births++;
        return folio;
    }

    /// <summary>The last reference is gone: off the queue, frames free.</summary>
    public void Destroy(int folio)
    {
        int order = Order[folio];
        if (order > 0)
            Forget(folio);
        _frames.Free(folio, order);
    }

    /// <summary>
    /// A large folio that nothing maps becomes small ones on the same frames, without references; flags are inherited, the mlock
    /// count stays with the first (SPECIFICATION.md 11.4, 17.15).
    /// </summary>
    public void BreakUp(int folio)
    {
        int end = folio + (1 << Order[folio]);
        Forget(folio);
        FolioFlags inherited = Flags[folio];
        for (int frame = folio; frame < end; frame++)
        {
            Head[frame] = frame;
            Order[frame] = 0;
            Flags[frame] = inherited;
            References[frame] = 0;
            Birth[frame] = _births++;
        }
        MlockCount.AsSpan((folio + 1)..end).Clear();
    }

    /// <summary>What the statistics and the queue know of a large folio ends.</summary>
    private void Forget(int folio)
    {
        Deferred.Remove(folio);
        Statistics[Order[folio]].NrAnon--;
    }

    private void MakeRoom(int frames)
    {
        if (frames <= Capacity)
            return;
        int capacity = Math.Max(64, Capacity);
        while (capacity < frames)
            capacity *= 2;
        Head = Resized(Head, capacity);
        Mapcount = Resized(Mapcount, capacity);
        Token = Resized(Token, capacity);
        AnonExclusive = AnonExclusive.Grown(capacity);
        Order = Resized(Order, capacity);
        Flags = Resized(Flags, capacity);
        References = Resized(References, capacity);
        LargeMapcount = Resized(LargeMapcount, capacity);
        PagesMapped = Resized(PagesMapped, capacity);
        Pins = Resized(Pins, capacity);
        MlockCount = Resized(MlockCount, capacity);
        Index = Resized(Index, capacity);
        Birth = Resized(Birth, capacity);
        MmIds.MakeRoom(capacity);
        Deferred.MakeRoom(capacity);
    }

    private static T[] Resized<T>(T[] array, int capacity)
    {
        Array.Resize(ref array, capacity);
        return array;
    }
}
