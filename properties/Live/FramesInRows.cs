namespace FolioCheck.Live;

/// <summary>Fills in what /proc/kpagecount and /proc/kpageflags say of folios, with few calls: frames that lie close together are read together.</summary>
internal static class FramesInRows
{
    private const int SmallGap = 8;
    private const int LongestRow = 4096;

    public static void Fill(PageFiles files, IReadOnlyList<LiveFolio> folios)
    {
        LiveFolio[] sorted = [.. folios.OrderBy(folio => folio.Head)];
        Span<ulong> values = new ulong[LongestRow];
        foreach ((int first, int end) in Rows(sorted, folio => folio.Pages))
        {
            long start = sorted[first].Head;
            Span<ulong> row = values[..(int)(sorted[end - 1].Head + sorted[end - 1].Pages - start)];
            files.ReadCounts(start, row);
            foreach (LiveFolio folio in sorted[first..end])
            {
                for (int page = 0; page < folio.Pages; page++)
                    folio.Mapcounts[page] = (long)row[(int)(folio.Head - start) + page];
            }
        }
        foreach ((int first, int end) in Rows(sorted, _ => 1))
        {
            long start = sorted[first].Head;
            Span<ulong> row = values[..(int)(sorted[end - 1].Head + 1 - start)];
            files.ReadFlags(start, row);
            foreach (LiveFolio folio in sorted[first..end])
                folio.Flags = row[(int)(folio.Head - start)];
        }
    }

    private static IEnumerable<(int First, int End)> Rows(LiveFolio[] sorted, Func<LiveFolio, int> pages)
    {
        int first = 0;
        for (int next = 1; next <= sorted.Length; next++)
        {
            bool ends = next == sorted.Length
                || sorted[next].Head - sorted[next - 1].Head - pages(sorted[next - 1]) > SmallGap
                || sorted[next].Head + pages(sorted[next]) - sorted[first].Head > LongestRow;
            if (!ends)
                continue;
            yield return (first, next);
            first = next;
        }
    }
}
