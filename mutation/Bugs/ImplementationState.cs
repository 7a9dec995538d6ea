namespace FolioCheck.Mutation;

/// <summary>What the implementation holds that is not its state.</summary>
public static class ImplementationState
{
    /// <summary>
    /// Fields that states are named without, as "Type.Field": canonical ids of one observation; where the last look-up ended, a hint that is tested before it
    /// is used; running numbers of folios, whose order the observation shows where it counts; running numbers of operations, by which VMAs that begin at one page offset
    /// are put in order.
    /// </summary>
    public static IReadOnlySet<string> Ignored { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "OptimizedMemory._ids", "AnonVma.ObservedId", "AnonVma.ObservedAt",
        "Vmas._lastHit", "PageTable._lastHit", "Processes._lastHit",
        "FolioTable._births", "FolioTable.Birth", "AnonVmas.Now", "Vma.Since",
    };
}
