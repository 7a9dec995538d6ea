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

    /// <summary>Whether checks are left out where the hunted system shows what the sound one shows: none of them could fail.</summary>
    public bool Screen { get; init; } = true;

    /// <summary>How long to wait for one check of one scenario before a hunt counts as endless: thousands of times what the longest takes.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);
}
