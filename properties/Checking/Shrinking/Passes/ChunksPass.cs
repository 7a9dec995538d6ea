namespace FolioCheck.Properties;

/// <summary>Removes runs of operations, from halves down to pairs, back to front.</summary>
internal static class ChunksPass
{
    public static void Run(ShrinkSearch search)
    {
        for (int size = search.Operations.Count / 2; size >= 2; size /= 2)
        {
            for (int start = search.Operations.Count - size; start >= 0; start -= size)
            {
                if (start + size <= search.Operations.Count)
                    search.TryWithout(start, size);
            }
        }
    }
}
