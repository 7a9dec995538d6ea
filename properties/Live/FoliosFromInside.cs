using System.Buffers.Binary;

namespace FolioCheck.Live;

/// <summary>Which folios frames belong to, and all that is in their struct pages.</summary>
internal sealed class FoliosFromInside(KernelView kernel)
{
    private readonly KernelLayout _layout = kernel.Layout;
    private readonly KernelMemory _memory = kernel.Memory;

    /// <summary>Head and order of the folio of each frame.</summary>
    public (long Head, int Order)[] Find(IReadOnlyList<long> frames)
    {
        var heads = new (long Head, bool IsLarge)[frames.Count];
        List<(int First, int Count)> runs = Consecutive(frames);
        int[] places = [.. runs.Select(run => _memory.Want(kernel.Page(frames[run.First]), run.Count * _layout.PageSize))];
        ReadOnlySpan<byte> bytes = _memory.Read();
        for (int run = 0; run < runs.Count; run++)
        {
            for (int i = 0; i < runs[run].Count; i++)
            {
                int frame = runs[run].First + i;
                heads[frame] = Head(frames[frame], bytes[(places[run] + (i * _layout.PageSize))..]);
            }
        }
        return Orders(heads);
    }

    /// <summary>Reads struct pages and the first word of each page.</summary>
    public void Fill(IReadOnlyList<LiveFolio> folios)
    {
        int[] places = [.. folios.Select(folio => _memory.Want(kernel.Page(folio.Head), folio.Pages * _layout.PageSize))];
        int contents = -1;
        foreach (LiveFolio folio in folios)
        {
            for (int page = 0; page < folio.Pages; page++)
            {
                int place = _memory.Want(kernel.Content(folio.Head + page), sizeof(uint));
                contents = contents < 0 ? place : contents;
            }
        }
        ReadOnlySpan<byte> bytes = _memory.Read();
        for (int i = 0; i < folios.Count; i++)
        {
            LiveFolio folio = folios[i];
            folio.Structs = bytes.Slice(places[i], folio.Pages * _layout.PageSize).ToArray();
            folio.Contents = new long[folio.Pages];
            for (int page = 0; page < folio.Pages; page++, contents += sizeof(uint))
                folio.Contents[page] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[contents..]);
        }
    }

    private (long Head, bool IsLarge) Head(long frame, ReadOnlySpan<byte> page)
    {
        ulong compound = BinaryPrimitives.ReadUInt64LittleEndian(page[_layout.CompoundHead..]);
        if ((compound & 1) != 0)
            return (kernel.Frame(compound - 1), true);
        return (frame, PageBits.Has(BinaryPrimitives.ReadUInt64LittleEndian(page[_layout.PageFlags..]), _layout.HeadBit));
    }

    private (long Head, int Order)[] Orders((long Head, bool IsLarge)[] heads)
    {
        var places = new Dictionary<long, int>();
        foreach ((long head, bool isLarge) in heads)
        {
            if (isLarge && !places.ContainsKey(head))
                places.Add(head, _memory.Want(kernel.Page(head) + (ulong)_layout.SecondFlags, sizeof(ulong)));
        }
        ReadOnlySpan<byte> bytes = _memory.Read();
        var folios = new (long Head, int Order)[heads.Length];
        for (int i = 0; i < heads.Length; i++)
            folios[i] = (heads[i].Head, heads[i].IsLarge ? bytes[places[heads[i].Head]] : 0);
        return folios;
    }

    private static List<(int First, int Count)> Consecutive(IReadOnlyList<long> frames)
    {
        const int Longest = 256;
        var runs = new List<(int First, int Count)>();
        for (int i = 0; i < frames.Count; i++)
        {
            if (runs.Count > 0 && runs[^1].Count < Longest && frames[i] == frames[i - 1] + 1)
                runs[^1] = (runs[^1].First, runs[^1].Count + 1);
            else
                runs.Add((i, 1));
        }
        return runs;
    }
}
