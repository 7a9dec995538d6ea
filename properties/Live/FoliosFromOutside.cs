namespace FolioCheck.Live;

/// <summary>Which folios frames belong to, as far as /proc/kpageflags tells.</summary>
internal sealed class FoliosFromOutside(PageFiles files)
{
    private const int LargestOrder = 9;

    /// <summary>Head and order of the folio of each frame.</summary>
    public (long Head, int Order)[] Find(IReadOnlyList<long> frames)
    {
        var known = new Dictionary<long, (long Head, int Order)>();
        return [.. frames.Select(frame => Find(frame, known))];
    }

    private (long Head, int Order) Find(long frame, Dictionary<long, (long Head, int Order)> known)
    {
        if (known.TryGetValue(frame, out (long Head, int Order) folio))
            return folio;
        folio = Find(frame);
        for (long member = folio.Head; member < folio.Head + (1L << folio.Order); member++)
            known[member] = folio;
        return folio;
    }

    private (long Head, int Order) Find(long frame)
    {
        ulong flags = files.Flags(frame);
        if (!PageBits.Has(flags, PageBits.CompoundTail) && !PageBits.Has(flags, PageBits.CompoundHead))
            return (frame, 0);
        long head = frame;
        while (!PageBits.Has(files.Flags(head), PageBits.CompoundHead))
            head--;
        Span<ulong> pages = stackalloc ulong[(1 << LargestOrder) + 1];
        files.ReadFlags(head, pages);
        int count = 1;
        while (count < pages.Length - 1 && PageBits.Has(pages[count], PageBits.CompoundTail))
            count++;
        return (head, System.Numerics.BitOperations.Log2((uint)count));
    }
}
