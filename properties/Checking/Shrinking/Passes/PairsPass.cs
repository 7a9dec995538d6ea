using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Removes two operations that are not neighbours: a fork and its exit, a fault and what undoes it. Ends with the first success.</summary>
internal static class PairsPass
{
    public static void Run(ShrinkSearch search)
    {
        for (int i = 0; i < search.Operations.Count; i++)
        {
            for (int j = i + 1; j < search.Operations.Count; j++)
            {
                var operations = new List<Operation>(search.Operations);
                operations.RemoveAt(j);
                operations.RemoveAt(i);
                if (search.Try(operations))
                    return;
            }
        }
    }
}
