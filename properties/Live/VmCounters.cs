using System.Buffers.Text;
using System.Text;

namespace FolioCheck.Live;

/// <summary>Counters of /proc/vmstat about PMD mappings that no size has a counter for. They are the machine's, like those of <see cref="SizeCounters"/>.</summary>
internal sealed unsafe class VmCounters : IDisposable
{
    private static readonly string[] Names =
        ["vm.thp_split_pmd", "vm.thp_collapse_alloc", "vm.thp_collapse_alloc_failed", "vm.thp_zero_page_alloc", "vm.thp_underused_split_page"];

    private readonly (byte[] Line, string Name)[] _counters =
        [.. Names.Select(name => (Encoding.ASCII.GetBytes(name["vm.".Length..] + " "), name))];

    private readonly int _file = Libc.open("/proc/vmstat", Libc.OpenRead);
    private readonly byte[] _text = new byte[1 << 16];
    private readonly long[] _values = new long[Names.Length];

    public VmCounters() => AddChanges([]);

    /// <summary>Adds what changed since the call before.</summary>
    public void AddChanges(Dictionary<string, long> changes)
    {
        ReadOnlySpan<byte> text = Read();
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (line.StartsWith("thp_"u8))
                AddChange(line, changes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Libc.close(_file);

    private void AddChange(ReadOnlySpan<byte> line, Dictionary<string, long> changes)
    {
        for (int i = 0; i < _counters.Length; i++)
        {
            if (!line.StartsWith(_counters[i].Line))
                continue;
            _ = Utf8Parser.TryParse(line[_counters[i].Line.Length..], out long value, out _);
            if (value != _values[i])
                changes.Add(_counters[i].Name, value - _values[i]);
            _values[i] = value;
        }
    }

    private ReadOnlySpan<byte> Read()
    {
        fixed (byte* to = _text)
        {
            nint length = Libc.pread(_file, to, (nuint)_text.Length, 0);
            return length > 0 ? _text.AsSpan(0, (int)length) : throw new LiveException("/proc/vmstat: " + Libc.LastError);
        }
    }
}
