using System.Globalization;
using System.Runtime.InteropServices;

namespace FolioCheck.Live;

/// <summary>The files in /proc of one agent. They do not keep its memory alive.</summary>
internal sealed unsafe class ProcessFiles : IDisposable
{
    private readonly int _pagemap;
    private readonly int _smaps;
    private readonly string _folder;

    public ProcessFiles(int pid)
    {
        Pid = pid;
        _folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/");
        _pagemap = Libc.open(_folder + "pagemap", Libc.OpenRead);
        _smaps = Libc.open(_folder + "smaps", Libc.OpenRead);
    }

    /// <summary>The kernel's number of the process.</summary>
    public int Pid { get; }

    /// <summary>Page-table root, for those who may look at it.</summary>
    public ulong Table { get; init; }

    /// <summary>Id of its mm, for those who may look at it.</summary>
    public uint MmId { get; init; }

    /// <summary>Reads pagemap entries.</summary>
    public void ReadPagemap(ulong address, Span<ulong> entries)
    {
        fixed (ulong* to = entries)
        {
            nint bytes = entries.Length * sizeof(ulong);
            if (Libc.pread(_pagemap, to, (nuint)bytes, (long)(address >> Arena.PageShift) * sizeof(ulong)) != bytes)
                throw new LiveException("pagemap: " + Libc.LastError);
        }
    }

    /// <summary>Reads all of smaps.</summary>
    /// <returns>Its bytes, in a buffer that the next call uses again.</returns>
    public ReadOnlySpan<byte> ReadSmaps(ref byte[] buffer)
    {
        const int Room = 1 << 14;
        int length = 0;
        while (true)
        {
            if (buffer.Length - length < Room)
                Array.Resize(ref buffer, 2 * buffer.Length);
            nint count;
            fixed (byte* to = buffer)
                count = Libc.pread(_smaps, to + length, (nuint)(buffer.Length - length), length);
            if (count < 0)
                throw new LiveException("smaps: " + Libc.LastError);
            if (count == 0)
                return buffer.AsSpan(0, length);
            length += (int)count;
        }
    }

    /// <summary>Forced access to one word through /proc/PID/mem (FOLL_FORCE).</summary>
    /// <returns>0, or the error number.</returns>
    public int Force(ulong address, bool writes, ref uint word)
    {
        int file = Libc.open(_folder + "mem", writes ? Libc.OpenReadWrite : Libc.OpenRead);
        nint count;
        fixed (uint* value = &word)
            count = writes ? Libc.pwrite(file, value, sizeof(uint), (long)address) : Libc.pread(file, value, sizeof(uint), (long)address);
        int error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        Libc.close(file);
        return error;
    }

    /// <summary>process_vm_readv of a range, thrown away.</summary>
    /// <returns>Bytes, or the error number below 0.</returns>
    public long ReadRemotely(ulong address, ulong bytes, byte[] room)
    {
        fixed (byte* to = room)
        {
            var local = new Libc.IoVector { Base = to, Length = (nuint)room.Length };
            var remote = new Libc.IoVector { Base = (void*)address, Length = (nuint)bytes };
            nint count = Libc.process_vm_readv(Pid, &local, 1, &remote, 1, 0);
            return count < 0 ? -Marshal.GetLastPInvokeError() : count;
        }
    }

    /// <summary>Forgets which pages were written.</summary>
    /// <returns>0, or the error number.</returns>
    public int ClearSoftDirty()
    {
        int file = Libc.open(_folder + "clear_refs", Libc.OpenWrite);
        byte four = (byte)'4';
        int error = Libc.pwrite(file, &four, 1, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
        Libc.close(file);
        return error;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Libc.close(_pagemap);
        Libc.close(_smaps);
    }
}
