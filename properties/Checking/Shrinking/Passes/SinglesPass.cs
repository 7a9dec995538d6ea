namespace FolioCheck.Properties;

/// <summary>Removes one operation at a time, back to front.</summary>
internal static class SinglesPass
{
    public static void Run(ShrinkSearch search)
    {
        for (int i = search.Operations.Count - 1; i >= 0; i--)
        {
            if (i < search.Operations.Count)
                search.TryWithout(i, 1);
        }
    }
}
