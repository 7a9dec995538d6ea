namespace FolioCheck.Mutants;

/// <summary>A model that Stryker mutates.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Folder">Its sources, from the repository root.</param>
/// <param name="Project">Name of its project file: all that Stryker wants to know.</param>
public sealed record Target(string Name, string Folder, string Project)
{
    /// <summary>Both models. They are never mutated together: each is the other's oracle.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new("implementation", "implementation/Core", "FolioCheck.Implementation.csproj"),
        new("reference", "reference/Model", "FolioCheck.Reference.csproj"),
    ];

    /// <summary>File name of its assembly.</summary>
    public string Assembly => Path.ChangeExtension(Project, ".dll");

    /// <summary>Names of its source files, in order.</summary>
    public IReadOnlyList<string> Files(string root) =>
        [.. Directory.GetFiles(Path.Combine(root, Folder), "*.cs").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
