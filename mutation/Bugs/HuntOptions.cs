namespace FolioCheck.Mutation;

/// <summary>How hard to look for a bug.</summary>
public sealed record HuntOptions
{
    /// <summary>Same seed, same scenarios.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Most operations to apply.</summary>
    public long Operations { get; init; } = 200_000;

    /// <summary>Whether the scenario that caught the bug is shrunk.</summary>
    public bool Shrink { get; init; } = true;

    /// <summary>Most runs to spend on shrinking.</summary>
    public int ShrinkRuns { get; init; } = 3000;

    /// <summary>How long to wait before a hunt counts as endless.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(3);
}
