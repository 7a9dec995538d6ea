using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FolioCheck.Live;

/// <summary>
/// The kernel from inside, to be looked at only: where struct pages and the direct map lie, how many levels page tables have, and the mm of
/// each child of this thread. Where things lie is searched for and proved on a page of our own.
/// </summary>
internal sealed unsafe class KernelView : IDisposable
{
    private const ulong Gigabyte = 1UL << 30;
    private const int PageShift = 12;
    private const int PageBytes = 1 << PageShift;
    private const ulong FrameMask = 0x000F_FFFF_FFFF_F000;

    /// <summary>Where a page table's entries end: three levels above the leaf, or four with five-level paging.</summary>
    private static readonly int[][] Geometries = [[39, 30, 21], [48, 39, 30, 21]];

    private readonly ulong _task;
    private readonly ulong _pages;
    private readonly ulong _directMap;
    private readonly int[] _shifts;

    /// <summary>Opens the view.</summary>
    /// <exception cref="LiveException">bpf(2) or BTF is not available.</exception>
    public KernelView()
    {
        if (!File.Exists(KernelTypes.Running))
            throw new LiveException(KernelTypes.Running + " is missing");
        Layout = new KernelLayout(new KernelTypes(File.ReadAllBytes(KernelTypes.Running)));
        Memory = new KernelMemory();
        byte* own = (byte*)Libc.mmap(null, PageBytes, Libc.ReadWrite, Libc.PrivateAnonymous, -1, 0);
        byte[] tag = RandomNumberGenerator.GetBytes(64);
        tag.CopyTo(new Span<byte>(own, PageBytes));
        ulong frame = FrameOf((ulong)own);
        _task = Memory.CurrentTask();
        _directMap = Search(_task, candidate => Memory.Holds(candidate + (frame << PageShift), tag))
            ?? throw new LiveException("the direct map was not found");
        _pages = Search(Memory.SomePage(), candidate => IsPageOf(candidate, frame, (ulong)own >> PageShift))
            ?? throw new LiveException("the array of struct pages was not found");
        ulong table = Memory.Word(Memory.Word(_task + (ulong)Layout.TaskMm) + (ulong)Layout.MmTable);
        _shifts = Geometries.FirstOrDefault(shifts => Walk(table, (ulong)own, shifts) == frame) ?? throw new LiveException("page tables were not understood");
        _ = Libc.munmap(own, PageBytes);
    }

    /// <summary>Where members lie.</summary>
    public KernelLayout Layout { get; }

    /// <summary>The memory.</summary>
    public KernelMemory Memory { get; }

    /// <summary>Address of a frame's struct page.</summary>
    public ulong Page(long frame) => _pages + ((ulong)frame * (ulong)Layout.PageSize);

    /// <summary>The frame that a struct page is of.</summary>
    public long Frame(ulong page) => (long)((page - _pages) / (ulong)Layout.PageSize);

    /// <summary>Address of a frame's content.</summary>
    public ulong Content(long frame) => _directMap + ((ulong)frame << PageShift);

    /// <summary>The mm of each child of the thread that made this view, by pid: its page-table root and its id.</summary>
    public Dictionary<int, (ulong Table, uint Id)> Children()
    {
        var children = new Dictionary<int, (ulong, uint)>();
        ulong head = _task + (ulong)Layout.TaskChildren;
        for (ulong link = Memory.Word(head); link != head; link = Memory.Word(link))
        {
            ulong task = link - (ulong)Layout.TaskSibling;
            int pid = unchecked((int)Memory.Word(task + (ulong)Layout.TaskPid));
            ulong mm = Memory.Word(task + (ulong)Layout.TaskMm);
            if (mm != 0)
                children[pid] = (Memory.Word(mm + (ulong)Layout.MmTable), unchecked((uint)Memory.Word(mm + (ulong)Layout.MmId)));
        }
        return children;
    }

    /// <summary>
    /// Reads the leaf entries of ranges, level by level, all ranges together. Where a PMD maps memory itself its entry stands for each of its pages;
    /// <see cref="PageBits.IsPmd"/> tells.
    /// </summary>
    /// <param name="ranges">Root table, first address and pages of each range.</param>
    /// <param name="entries">Takes the entries: one span a range, as long as its pages; 0 where there is no table.</param>
    public void ReadEntries(IReadOnlyList<(ulong Table, ulong Address, int Pages)> ranges, ulong[][] entries)
    {
        List<TablePart> parts = Parts(ranges);
        foreach (int shift in _shifts)
            Descend(parts, shift);
        int[] places = new int[parts.Count];
        for (int i = 0; i < parts.Count; i++)
            places[i] = parts[i].Table == 0 ? -1 : Memory.Want(parts[i].Table + (8 * ((parts[i].Address >> PageShift) & 511)), 8 * parts[i].Pages);
        ReadOnlySpan<byte> words = Memory.Read();
        for (int i = 0; i < parts.Count; i++)
        {
            TablePart part = parts[i];
            for (int page = 0; page < part.Pages; page++)
                entries[part.Range][part.First + page] = places[i] < 0 ? part.Leaf : BinaryPrimitives.ReadUInt64LittleEndian(words[(places[i] + (8 * page))..]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();

    private struct TablePart
    {
        public int Range;
        public int First;
        public int Pages;
        public ulong Address;
        public ulong Table;
        public ulong Leaf;
    }

    private static List<TablePart> Parts(IReadOnlyList<(ulong Table, ulong Address, int Pages)> ranges)
    {
        var parts = new List<TablePart>();
        for (int range = 0; range < ranges.Count; range++)
        {
            (ulong table, ulong address, int pages) = ranges[range];
            for (int first = 0; first < pages;)
            {
                ulong at = address + ((ulong)first << PageShift);
                int count = Math.Min(pages - first, 512 - (int)((at >> PageShift) & 511));
                parts.Add(new TablePart { Range = range, First = first, Pages = count, Address = at, Table = table });
                first += count;
            }
        }
        return parts;
    }

    private void Descend(List<TablePart> parts, int shift)
    {
        int[] places = new int[parts.Count];
        for (int i = 0; i < parts.Count; i++)
            places[i] = parts[i].Table == 0 ? -1 : Memory.Want(parts[i].Table + (8 * ((parts[i].Address >> shift) & 511)), 8);
        ReadOnlySpan<byte> words = Memory.Read();
        for (int i = 0; i < parts.Count; i++)
        {
            if (places[i] < 0)
                continue;
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(words[places[i]..]);
            parts[i] = parts[i] with { Table = Next(entry), Leaf = PageBits.IsPmd(entry) ? entry : 0 };
        }
    }

    /// <summary>The table below; none where nothing is, or where the entry maps memory itself.</summary>
    private ulong Next(ulong entry)
    {
        return (entry & PageBits.EntryPresent) == 0 || PageBits.IsPmd(entry) ? 0 : _directMap + (entry & FrameMask);
    }

    private ulong Walk(ulong table, ulong address, int[] shifts)
    {
        try
        {
            foreach (int shift in shifts)
                table = Next(Memory.Word(table + (8 * ((address >> shift) & 511))));
            return (Memory.Word(table + (8 * ((address >> PageShift) & 511))) & FrameMask) >> PageShift;
        }
        catch (LiveException)
        {
            return 0;
        }
    }

    /// <summary>Bases are multiples of 1 GiB below whatever lies in the area.</summary>
    private static ulong? Search(ulong inside, Func<ulong, bool> isBase)
    {
        const int Terabyte = 1024;
        for (ulong i = 0; i < Terabyte; i++)
        {
            ulong candidate = unchecked((inside & ~(Gigabyte - 1)) - (i * Gigabyte));
            if (isBase(candidate))
                return candidate;
        }
        return null;
    }

    /// <summary>A page of anonymous memory carries the page number of its address.</summary>
    private bool IsPageOf(ulong pages, ulong frame, ulong virtualPage)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, virtualPage);
        return Memory.Holds(pages + (frame * (ulong)Layout.PageSize) + (ulong)Layout.PageIndex, number);
    }

    private static ulong FrameOf(ulong address)
    {
        const ulong FrameBits = (1UL << 55) - 1;
        int file = Libc.open("/proc/self/pagemap", Libc.OpenRead);
        ulong entry = 0;
        _ = Libc.pread(file, &entry, sizeof(ulong), (long)(address >> PageShift) * sizeof(ulong));
        Libc.close(file);
        return entry & FrameBits;
    }
}
