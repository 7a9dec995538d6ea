using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What a scenario that maps a file, stores to pages of it and unmaps it again cost, for each page touch.</summary>
/// <param name="Cost">What was counted.</param>
public sealed record TouchCounts(ScenarioCost Cost)
{
    /// <summary>Pages stored to.</summary>
    public long Touches { get; } = Cost.Operations.Where(cost => IsTouch(cost.Operation) && cost.Outcome.Kind == OutcomeKind.Ok).Sum(cost => cost.Operation.Length);

    /// <summary>Pages of a contiguous-PTE block.</summary>
    public int PagesOfBlock => Cost.Machine.ContPteEntries;

    /// <summary>Everything.</summary>
    public EventCounts Total { get; } = Cost.Total;

    /// <summary>What happened while pages were touched.</summary>
    public EventCounts Touching { get; } = Cost.Sum(IsTouch);

    /// <summary>What happened when the mapping was removed.</summary>
    public EventCounts Unmapping { get; } = Cost.Sum(operation => operation.Kind == OperationKind.Munmap);

    /// <summary>A count for each page touch.</summary>
    public double Per(long count) => (double)count / Touches;

    /// <summary>A count for each block of pages touched.</summary>
    public double PerBlock(long count) => (double)count * PagesOfBlock / Touches;

    private static bool IsTouch(Operation operation) => operation.Kind is OperationKind.Write or OperationKind.WriteRange;
}
