namespace FolioCheck.Mutation;

/// <summary>What a kill matrix is measured with.</summary>
public sealed record KillMatrixOptions
{
    /// <summary>One bug only; null for all.</summary>
    public string? Id { get; init; }

    /// <summary>Same seed, same scenarios.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Operations that invariants and step properties judge on the implementation with a bug. Event properties, each law and abstract memory take more time and judge a
    /// quarter of them; on the reference, which is slow, everything judges a quarter of what it would on the implementation.
    /// </summary>
    public long Operations { get; init; } = 10_000;

    /// <summary>Bugs hunted at the same time. It changes nothing but the time taken.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Operations for an invariant or a step property.</summary>
    public long StepBudget(BugLayer layer) => layer == BugLayer.Reference ? Operations / 4 : Operations;

    /// <summary>Operations for an event property, a law, and abstract memory.</summary>
    public long LawBudget(BugLayer layer) => StepBudget(layer) / 4;
}
