namespace FolioCheck.Properties;

/// <summary>What was found at one depth.</summary>
/// <param name="Depth">Operations after the start.</param>
/// <param name="States">States that are reached with so many operations and not with fewer.</param>
/// <param name="Transitions">Operations done in the states of the depth before.</param>
public sealed record ExploredDepth(int Depth, long States, long Transitions);

/// <summary>How far an exploration has come: all that is needed to go on.</summary>
public sealed class Exploration
{
    /// <summary>What was found at each depth that is finished, from 0 on.</summary>
    public List<ExploredDepth> Depths { get; } = [];

    /// <summary>Names of all states that were reached.</summary>
    public HashSet<UInt128> Reached { get; } = [];

    /// <summary>A shortest way to each state of the last finished depth: letters, one way after the other.</summary>
    public List<byte> Frontier { get; internal set; } = [];

    /// <summary>States of the frontier from which every operation was done.</summary>
    public int Done { get; internal set; }

    /// <summary>Operations done since the last finished depth.</summary>
    public long Transitions { get; internal set; }

    /// <summary>The ways to the states that were found from there.</summary>
    public List<byte> Next { get; internal set; } = [];

    /// <summary>The depth that the frontier has; -1 before the first state.</summary>
    public int Depth => Depths.Count - 1;

    /// <summary>States of the frontier; known when there is one.</summary>
    public int FrontierStates => (int)Depths[^1].States;

    /// <summary>States found since the last finished depth.</summary>
    public long NextStates => Next.Count / (Depth + 1);
}
