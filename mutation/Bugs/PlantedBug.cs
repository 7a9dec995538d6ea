using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>A small edit of the implementation or the reference that makes it wrong: what checks are measured by.</summary>
public sealed record PlantedBug
{
    /// <summary>Its name: the file's name without the extension.</summary>
    public required string Id { get; init; }

    /// <summary>Where the idea comes from.</summary>
    public required string From { get; init; }

    /// <summary>What goes wrong, in a sentence or two.</summary>
    public required string Wrong { get; init; }

    /// <summary>The edited file: its path from the repository root.</summary>
    public required string File { get; init; }

    /// <summary>The member that holds the snippet.</summary>
    public required string Member { get; init; }

    /// <summary>What machines must have to show it: hunts draw such machines only.</summary>
    public MachineSettings Settings { get; init; } = MachineSettings.None;

    /// <summary>The snippet that is replaced.</summary>
    public required string Old { get; init; }

    /// <summary>What replaces it; empty if it is just taken out.</summary>
    public required string New { get; init; }

    /// <summary>The bug file as the user named it.</summary>
    public required string Path { get; init; }

    /// <summary>1-based line on which the old snippet begins.</summary>
    public required int OldLine { get; init; }

    /// <summary>1-based line on which the new snippet begins.</summary>
    public required int NewLine { get; init; }

    /// <summary>What it is planted in.</summary>
    public BugLayer Layer => File.StartsWith("reference/", StringComparison.Ordinal) ? BugLayer.Reference : BugLayer.Implementation;

    /// <summary>Replaces the snippet and compiles the whole project in memory.</summary>
    /// <exception cref="BadInputException">The snippet is not there exactly once, or the result is not C#.</exception>
    public CompiledBug Compile() => PlantedProject.Of(Layer).Compile(this);

    /// <summary>Checks that the old snippet stands exactly once in its file, within its member.</summary>
    /// <exception cref="BadInputException">It does not.</exception>
    public void CheckMatch() => PlantedProject.Of(Layer).Plant(this);
}
