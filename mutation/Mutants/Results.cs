namespace FolioCheck.Mutants;

/// <summary>The committed results of a model: what its two pages show.</summary>
/// <param name="Files">By name.</param>
/// <param name="Classes">What is known of the mutants that are left.</param>
public sealed record Results(IReadOnlyList<FileResult> Files, IReadOnlyList<SurvivorClass> Classes)
{
    /// <summary>Results with those of some files put in, and without files that are gone.</summary>
    public Results With(IEnumerable<FileResult> measured, IReadOnlyList<string> existing)
    {
        var files = new SortedDictionary<string, FileResult>(StringComparer.Ordinal);
        foreach (FileResult file in Files.Concat(measured).Where(file => existing.Contains(file.File)))
            files[file.File] = file;
        return this with { Files = [.. files.Values] };
    }

    /// <summary>Every mutant that is left, with its class where it has one.</summary>
    public IEnumerable<(FileResult File, Mutant Mutant, SurvivorClass? Class)> Left =>
        from file in Files
        from mutant in file.Others
        where mutant.IsLeft
        select (file, mutant, ClassOf(file.File, mutant));

    /// <summary>Whether a mutant is known to be no gap.</summary>
    public bool Explain(string file, Mutant mutant) => ClassOf(file, mutant)?.Kind is SurvivorKind.Equivalent or SurvivorKind.SpecificationFree;

    /// <summary>Classes of measured files that no mutant needs any more: it was killed, or the code has changed.</summary>
    public IEnumerable<SurvivorClass> Unneeded =>
        Classes.Where(candidate => Files.Any(file => file.File == candidate.File) && Left.All(left => left.Class != candidate));

    private SurvivorClass? ClassOf(string file, Mutant mutant) => Classes.FirstOrDefault(candidate => candidate.Covers(file, mutant));
}
