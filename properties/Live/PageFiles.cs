namespace FolioCheck.Live;

/// <summary>/proc/kpagecount and /proc/kpageflags.</summary>
internal sealed unsafe class PageFiles : IDisposable
{
    private readonly int _counts = Libc.open("/proc/kpagecount", Libc.OpenRead);
    private readonly int _flags = Libc.open("/proc/kpageflags", Libc.OpenRead);

    /// <summary>Whether they can be read.</summary>
    public bool Readable => _counts >= 0 && _flags >= 0;

    /// <summary>How often frames in a row are mapped.</summary>
    public void ReadCounts(long frame, Span<ulong> counts) => Read(_counts, frame, counts);

    /// <summary>Flags of frames in a row.</summary>
    public void ReadFlags(long frame, Span<ulong> flags) => Read(_flags, frame, flags);

    /// <summary>Flags of one frame.</summary>
    public ulong Flags(long frame)
    {
        ulong flags = 0;
        Read(_flags, frame, new Span<ulong>(ref flags));
        return flags;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Libc.close(_counts);
        Libc.close(_flags);
    }

    private static void Read(int file, long frame, Span<ulong> values)
    {
        fixed (ulong* to = values)
        {
            nint bytes = values.Length * sizeof(ulong);
            if (Libc.pread(file, to, (nuint)bytes, frame * sizeof(ulong)) != bytes)
                throw new LiveException("kpagecount, kpageflags: " + Libc.LastError);
        }
    }
}
