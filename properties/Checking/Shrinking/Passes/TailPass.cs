namespace FolioCheck.Properties;

/// <summary>Drops what comes after the step that failed: it cannot matter.</summary>
internal static class TailPass
{
    public static void Run(ShrinkSearch search)
    {
        int end = search.FailingStep + 1;
        if (end < search.Operations.Count)
            search.TryWithout(end, search.Operations.Count - end);
    }
}
