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

    /// <summary>It belongs to the file, and stays in the page cache for good.</summary>
    File = 16,
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
    public int[] Head { get; private set; } = Array.Empty<int>();

    /// <summary>Page: _mapcount, without the kernel's bias of -1.</summary>
    public int[] Mapcount { get; private set; } = Array.Empty<int>();

    /// <summary>Page: what a program would read there.</summary>
    public int[] Token { get; private set; } = Array.Empty<int>();

    /// <summary>Page: PageAnonExclusive. Stays behind when the last mapping goes, as in the kernel.</summary>
    public BitPlane AnonExclusive { get; private set; } = new(0);

    /// <summary>Folio: log2 of its pages.</summary>
    public byte[] Order { get; private set; } = Array.Empty<byte>();

    /// <summary>Folio: flags.</summary>
    public FolioFlags[] Flags { get; private set; } = Array.Empty<FolioFlags>();

    /// <summary>Folio: _refcount.</summary>
    public int[] References { get; private set; } = Array.Empty<int>();

    /// <summary>Folio: _large_mapcount, without the kernel's bias; unused in small folios.</summary>
    public int[] LargeMapcount { get; private set; } = Array.Empty<int>();

    /// <summary>Folio: _entire_mapcount, the PMD mappings, without the kernel's bias; 0 in small folios.</summary>
    public int[] EntireMapcount { get; private set; } = Array.Empty<int>();

    /// <summary>
    /// Folio: pages that entries map, _nr_pages_mapped without what it holds for PMD mappings; unused in small folios.
    /// </summary>
    public int[] PagesMapped { get; private set; } = Array.Empty<int>();

    /// <summary>Folio: the part of _refcount that long-term pins took (_pincount); unused in small folios.</summary>
    public int[] Pins { get; private set; } = Array.Empty<int>();

    /// <summary>Folio: mlock_count: how many munlocks take the mark away; 0 without it, and in what a folio split left behind it.</summary>
    public int[] MlockCount { get; private set; } = Array.Empty<int>();

    /// <summary>
    /// Folio: folio->index, the vm_pgoff of its first page wherever that page is mapped; of a folio of the file its first page there.
    /// </summary>
    public long[] Index { get; private set; } = Array.Empty<long>();

    /// <summary>Folio: its place in the order of births, by which those that nothing maps are named.</summary>
    public long[] Birth { get; private set; } = Array.Empty<long>();

    /// <summary>Which processes map a large folio.</summary>
    public MmIds MmIds { get; }

    /// <summary>The deferred-split queue.</summary>
    public DeferredSplit Deferred { get; }

    /// <summary>Per-size THP counters by order.</summary>
    public OrderStatistics[] Statistics { get; } = new OrderStatistics[Machine.LargestPmdOrder + 1];

    public bool IsDirty(int folio) => (Flags[folio] & FolioFlags.Dirty) != 0;

    public bool IsOfFile(int folio) => (Flags[folio] & FolioFlags.File) != 0;

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
    /// folio_maybe_mapped_shared: a lone mapping of a large folio is never shared, whatever the flag says (SPECIFICATION.md 5.5).
    /// </summary>
    public bool MaybeMappedShared(int folio) => MapcountOf(folio) > 1 && (Order[folio] == 0 || MmIds.IsShared(folio));

    /// <summary>Whether mappings account for every reference (folio_expected_ref_count).</summary>
    public bool HasOnlyMappings(int folio) => References[folio] == MapcountOf(folio);

    /// <summary>A new folio with one reference, zero-filled, mapped nowhere; -1 when no aligned block of frames is free.</summary>
    public int Create(int order)
    {
        int folio = _frames.Allocate(order);
        if (folio < 0)
            return folio;
        int pages = 1 << order;
        MakeRoom(folio + pages);
        Token.AsSpan(folio, pages).Clear();
        Begin(folio, order);
        return folio;
    }

    /// <summary>A fresh folio holds pages of the file, from one on; clean, and not backed by swap.</summary>
    public void MakeFile(int folio, long filePage)
    {
        Flags[folio] = FolioFlags.File;
        Index[folio] = filePage;
        AnonExclusive.ClearRange(folio, folio + (1 << Order[folio]));
    }

    /// <summary>A new folio with one reference, mapped nowhere, at frames of which none is anybody else's. Their contents stay.</summary>
    public void CreateAt(int folio, int order)
    {
        _frames.Claim(folio, order);
        Begin(folio, order);
    }

    /// <summary>
    /// A small folio with one reference that takes over mapcount, contents, marks and mlock count of another one, which ends; its frame is not freed.
    /// </summary>
    public int CreateMoved(int old)
    {
        int folio = Create(0);
        Mapcount[folio] = Mapcount[old];
        Token[folio] = Token[old];
        AnonExclusive.Change(folio, AnonExclusive[old]);
        Flags[folio] = Flags[old];
        MlockCount[folio] = MlockCount[old];
        Index[folio] = Index[old];
        Mapcount[old] = 0;
        References[old] = 0;
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

    /// <summary>A folio that was never mapped goes: no statistics and no queue know of it.</summary>
    public void Discard(int folio) => _frames.Free(folio, Order[folio]);

    /// <summary>
    /// A large folio that nothing maps becomes pieces of a lower order on the same frames, without references; flags are inherited, the mlock
    /// count stays with the first (SPECIFICATION.md 11.4, 17.15, 17.24).
    /// </summary>
    public void BreakUp(int folio, int order)
    {
        int end = folio + (1 << Order[folio]);
        int pages = 1 << order;
        Forget(folio);
        long index = Index[folio];
        FolioFlags inherited = Flags[folio];
        for (int piece = folio; piece < end; piece += pages)
        {
            Head.AsSpan(piece, pages).Fill(piece);
            Order[piece] = (byte)order;
            Flags[piece] = inherited;
            References[piece] = 0;
            Index[piece] = index + piece - folio;
            Birth[piece] = _births++;
        }
        MlockCount.AsSpan((folio + 1)..end).Clear();
        if (order > 0)
            Statistics[order].NrAnon += (end - folio) / pages;
    }

    /// <summary>What the statistics and the queue know of a large folio ends.</summary>
    private void Forget(int folio)
    {
        Deferred.Remove(folio);
        Statistics[Order[folio]].NrAnon--;
    }

    private void Begin(int folio, int order)
    {
        Head.AsSpan(folio, 1 << order).Fill(folio);
        Order[folio] = (byte)order;
        Flags[folio] = FolioFlags.SwapBacked;
        References[folio] = 1;
        MlockCount[folio] = 0;
        Birth[folio] = _births++;
    }

    /// <summary>Makes the arrays cover at least so many frames.</summary>
    public void MakeRoom(int frames)
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
        EntireMapcount = Resized(EntireMapcount, capacity);
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
