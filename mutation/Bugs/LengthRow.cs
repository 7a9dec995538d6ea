using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>How short a bug's failure becomes.</summary>
/// <param name="Bug">The bug.</param>
/// <param name="Found">What was found; null if no random walk met the bug.</param>
public sealed record LengthRow(PlantedBug Bug, ShortenedFailure? Found);

/// <summary>A failure that a random walk met, shortened in three ways.</summary>
/// <param name="World">The world of the walk.</param>
/// <param name="Failure">How the walk failed.</param>
/// <param name="Walk">The walk.</param>
/// <param name="Shrunk">What the shrinker made of it.</param>
/// <param name="FsCheck">What FsCheck made of it by itself.</param>
/// <param name="Shortest">The shortest scenario of the world that fails like it; null if there is none within the depth searched.</param>
/// <param name="ShrinkTime">How long the shrinker took.</param>
public sealed record ShortenedFailure(
    SmallWorld World, Failure Failure, Scenario Walk, Scenario Shrunk, Scenario FsCheck, Scenario? Shortest, TimeSpan ShrinkTime)
{
    /// <summary>
    /// Length of a scenario: its operations, less those of the world's start. What the shrinker leaves has a start of its own, as many operations long as it needs.
    /// </summary>
    public int Length(Scenario scenario) => scenario.Operations.Count - World.Start.Count;

    /// <summary>How much longer than the proved minimum a scenario is; negative where it has operands that the world lacks.</summary>
    public int? Excess(Scenario scenario) => Shortest is null ? null : Length(scenario) - Length(Shortest);
}
