using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>What the shrinker did, as rows.</summary>
internal static class ShrinkRows
{
    /// <summary>Adds a row for each pass.</summary>
    public static void Add(Rows rows, ShrinkResult result)
    {
        foreach (PassStatistics pass in result.Passes)
            rows.Add($"shrink, pass {pass.Name}", new Dictionary<string, long> { ["tried"] = pass.Tried, ["kept"] = pass.Kept });
        rows.Add("shrink, runs", result.BudgetSpent ? FormattableString.Invariant($"{result.Runs}, the whole budget") : result.Runs);
    }
}
