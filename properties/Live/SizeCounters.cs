using System.Buffers.Text;
using System.Globalization;

namespace FolioCheck.Live;

/// <summary>The per-size counters of large folios, in sysfs. They are the machine's, not ours: whoever else uses such folios moves them.</summary>
internal sealed unsafe class SizeCounters : IDisposable
{
    private static readonly string[] Counters = ["anon_fault_alloc", "anon_fault_fallback", "split", "split_failed", "split_deferred", "nr_anon", "nr_anon_partially_mapped"];

    private readonly List<(string Name, int File)> _files = [];
    private readonly long[] _values;

    public SizeCounters(IEnumerable<int> kilobytes)
    {
        foreach (int size in kilobytes)
        {
            foreach (string counter in Counters)
            {
                string path = string.Create(CultureInfo.InvariantCulture, $"{ThpFiles.Root}/hugepages-{size}kB/stats/{counter}");
                int file = Libc.open(path, Libc.OpenRead);
                if (file >= 0)
                    _files.Add((string.Create(CultureInfo.InvariantCulture, $"{size}.{counter}"), file));
            }
        }
        _values = new long[_files.Count];
        Changes();
    }

    /// <summary>What changed since the call before; nothing that did not.</summary>
    public Dictionary<string, long> Changes()
    {
        var changes = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < _files.Count; i++)
        {
            long value = Read(_files[i].File);
            if (value != _values[i])
                changes.Add(_files[i].Name, value - _values[i]);
            _values[i] = value;
        }
        return changes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((string _, int file) in _files)
            Libc.close(file);
    }

    private static long Read(int file)
    {
        byte* text = stackalloc byte[32];
        nint length = Libc.pread(file, text, 32, 0);
        if (length <= 0)
            throw new LiveException("hugepages stats: " + Libc.LastError);
        _ = Utf8Parser.TryParse(new ReadOnlySpan<byte>(text, (int)length), out long value, out _);
        return value;
    }
}
