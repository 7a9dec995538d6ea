using System.Buffers.Binary;

namespace FolioCheck.Live;

/// <summary>
/// Reads kernel memory: a BPF program of type BPF_PROG_TYPE_SYSCALL takes a list of addresses from a map and copies what is there into the map
/// (bpf_probe_read_kernel). Nothing is ever written to the kernel. Reads are put on the list by <see cref="Want"/> and done many at a time.
/// </summary>
internal sealed unsafe class KernelMemory : IDisposable
{
    private const int LongestRead = 1 << 15;
    private const int ListEntries = 1024;
    private const int EntryBytes = 16;
    private const int ListBytes = ListEntries * EntryBytes;
    private const int ResultBytes = 1 << 20;
    private const int MapBytes = ListBytes + ResultBytes + LongestRead;

    private readonly int _map;
    private readonly byte* _value;
    private readonly int _gather;
    private byte[] _results = new byte[1 << 18];
    private int _wanted;
    private int _listed;
    private int _listedFrom;

    /// <summary>Loads the program.</summary>
    /// <exception cref="LiveException">bpf(2) is not available.</exception>
    public KernelMemory()
    {
        _map = BpfProgram.CreateMap(MapBytes);
        _value = (byte*)Libc.mmap(null, MapBytes, Libc.ReadWrite, Libc.Shared, _map, 0);
        if ((nint)_value == -1)
            throw new LiveException("the BPF map cannot be mapped: " + Libc.LastError);
        _gather = Gather().Load(BpfProgram.OnDemand);
    }

    /// <summary>Puts a read on the list.</summary>
    /// <returns>Where the result will be.</returns>
    public int Want(ulong address, int bytes)
    {
        if (_listed == ListEntries || _wanted + bytes - _listedFrom > ResultBytes)
            ReadListed();
        int place = _wanted;
        ulong* entry = (ulong*)(_value + (EntryBytes * _listed));
        entry[0] = address;
        entry[1] = (uint)bytes | ((ulong)(place - _listedFrom) << 32);
        _listed++;
        _wanted += bytes;
        return place;
    }

    /// <summary>Does all reads on the list and begins a new one. Results stay until reads are put on the list again.</summary>
    public ReadOnlySpan<byte> Read()
    {
        ReadListed();
        int bytes = _wanted;
        _wanted = _listedFrom = 0;
        return _results.AsSpan(0, bytes);
    }

    /// <summary>Reads one number at once.</summary>
    public ulong Word(ulong address)
    {
        Want(address, sizeof(ulong));
        return BinaryPrimitives.ReadUInt64LittleEndian(Read());
    }

    /// <summary>Whether an address can be read, and reads there as given.</summary>
    public bool Holds(ulong address, ReadOnlySpan<byte> content)
    {
        Want(address, content.Length);
        try
        {
            return Read().SequenceEqual(content);
        }
        catch (LiveException)
        {
            return false;
        }
    }

    /// <summary>Address of the running thread's task_struct.</summary>
    public ulong CurrentTask()
    {
        int program = new BpfProgram().FindValue(_map).Move(6, 0).Call(BpfProgram.CurrentTask).Store64(6, 0, 0).Return(0).Load(BpfProgram.OnDemand);
        BpfProgram.Run(program, 0);
        Libc.close(program);
        return *(ulong*)_value;
    }

    /// <summary>Address of some struct page: of one that is allocated while a program listens to the tracepoint mm_page_alloc.</summary>
    public ulong SomePage()
    {
        const int Tries = 64;
        int program = new BpfProgram().Move(7, 1).FindValue(_map).Load64(1, 7, 0).Store64(0, 0, 1).Return(0).Load(BpfProgram.Tracepoint);
        *(ulong*)_value = 0;
        int link = BpfProgram.Attach(program, "mm_page_alloc\0"u8);
        for (int i = 0; i < Tries && Volatile.Read(ref *(ulong*)_value) == 0; i++)
        {
            byte* page = (byte*)Libc.mmap(null, 4096, Libc.ReadWrite, Libc.PrivateAnonymous, -1, 0);
            *page = 1;
            _ = Libc.munmap(page, 4096);
        }
        Libc.close(link);
        Libc.close(program);
        return *(ulong*)_value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Libc.close(_gather);
        _ = Libc.munmap(_value, MapBytes);
        Libc.close(_map);
    }

    /// <summary>
    /// for (r9 = 0; r9 &lt; 1024 and r9 &lt; argument; r9++) copies list[r9].bytes from list[r9].address to the place asked for. Ends with 0, or with
    /// the number of the entry that failed, from 1. All bounds are tested, so that the kernel can see that it stays within the map.
    /// </summary>
    private BpfProgram Gather()
    {
        var program = new BpfProgram();
        program.Move(6, 1).FindValue(_map).Move(7, 0).Load32(8, 6, 0).Set(9, 0);
        int loop = program.Here;
        program.SkipIfLess(9, ListEntries, 2).Return(0);
        program.SkipIfLessThanRegister(9, 8, 2).Return(0);
        program.Move(2, 9).ShiftLeft(2, 4).Move(1, 7).AddRegister(1, 2);
        program.Load64(3, 1, 0).Load32(4, 1, 8).Load32(5, 1, 12).AddNumber(9, 1);
        program.SkipIfLess(4, LongestRead + 1, 2).Move(0, 9).ReturnResult();
        program.SkipIfLess(5, ResultBytes, 2).Move(0, 9).ReturnResult();
        program.Move(1, 7).AddRegister(1, 5).AddNumber(1, ListBytes).Move(2, 4).Call(BpfProgram.ProbeRead);
        program.SkipIfZero(0, 2).Move(0, 9).ReturnResult();
        return program.Jump(loop);
    }

    private void ReadListed()
    {
        if (_listed == 0)
            return;
        int failed = BpfProgram.Run(_gather, _listed);
        int bytes = _wanted - _listedFrom;
        _listed = 0;
        if (failed != 0)
        {
            ulong address = *(ulong*)(_value + (EntryBytes * (failed - 1)));
            _wanted = _listedFrom = 0;
            throw new LiveException($"kernel memory at 0x{address:x} cannot be read");
        }
        if (_results.Length < _wanted)
            Array.Resize(ref _results, Math.Max(_wanted, 2 * _results.Length));
        new ReadOnlySpan<byte>(_value + ListBytes, bytes).CopyTo(_results.AsSpan(_listedFrom));
        _listedFrom = _wanted;
    }
}
