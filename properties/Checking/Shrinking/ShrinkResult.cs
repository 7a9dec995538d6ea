namespace FolioCheck.Properties;

/// <summary>What one pass of the shrinker did.</summary>
/// <param name="Name">The pass.</param>
/// <param name="Tried">Candidates that it ran.</param>
/// <param name="Kept">Those that failed in the same way and became the scenario to go on with.</param>
public sealed record PassStatistics(string Name, int Tried, int Kept);

/// <summary>What shrinking came to.</summary>
/// <param name="Scenario">The smallest scenario found; it fails like the first.</param>
/// <param name="Passes">What each pass did, in their order.</param>
/// <param name="BudgetSpent">Whether runs ran out before no pass helped any more.</param>
public sealed record ShrinkResult(Scenario Scenario, IReadOnlyList<PassStatistics> Passes, bool BudgetSpent)
{
    /// <summary>Runs of candidates.</summary>
    public int Runs => Passes.Sum(pass => pass.Tried);
}
