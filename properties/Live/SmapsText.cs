using System.Buffers.Text;
using System.Text;
using FolioCheck.Kernel;

namespace FolioCheck.Live;

/// <summary>A VMA of the arena, as /proc/PID/smaps prints it.</summary>
internal sealed record SmapsVma(ulong Start, int Pages, string Permissions)
{
    /// <summary>Fields that are not zero, in kB.</summary>
    public Dictionary<string, long> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>The recorded VmFlags, with blanks between, in the order in which they are printed.</summary>
    public string Flags { get; set; } = "";
}

/// <summary>Reads /proc/PID/smaps: the VMAs of the arena.</summary>
internal static class SmapsText
{
    private static readonly (byte[] Name, string Text)[] Fields = [.. TranscriptFormat.SmapsFields.Select(name => (Encoding.ASCII.GetBytes(name + ":"), name))];

    public static List<SmapsVma> Read(ReadOnlySpan<byte> text)
    {
        var vmas = new List<SmapsVma>();
        SmapsVma? vma = null;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            // A VMA begins with its address in small hexadecimal digits, a field with a capital.
            if (line.Length > 0 && line[0] is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f'))
            {
                vma = Vma(line);
                if (vma is not null)
                    vmas.Add(vma);
            }
            else if (vma is not null)
            {
                Field(vma, line);
            }
        }
        return vmas;
    }

    private static SmapsVma? Vma(ReadOnlySpan<byte> line)
    {
        _ = Utf8Parser.TryParse(line, out ulong start, out int digits, 'x');
        if (start is < Arena.Base or >= Arena.End)
            return null;
        line = line[(digits + 1)..];
        _ = Utf8Parser.TryParse(line, out ulong end, out digits, 'x');
        return new SmapsVma(start, (int)((end - start) >> Arena.PageShift), Encoding.ASCII.GetString(line.Slice(digits + 1, 4)));
    }

    private static void Field(SmapsVma vma, ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("VmFlags:"u8))
        {
            IEnumerable<string> flags = Encoding.ASCII.GetString(line["VmFlags:"u8.Length..]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            vma.Flags = string.Join(' ', flags.Where(TranscriptFormat.VmaFlags.Contains));
            return;
        }
        foreach ((byte[] name, string word) in Fields)
        {
            if (!line.StartsWith(name))
                continue;
            _ = Utf8Parser.TryParse(line[name.Length..].TrimStart((byte)' '), out long amount, out _);
            if (amount != 0)
                vma.Fields[word] = amount;
            return;
        }
    }
}
