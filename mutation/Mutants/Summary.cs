namespace FolioCheck.Mutants;

/// <summary>What a run says at its end.</summary>
public static class Summary
{
    /// <summary>Prints totals, what has no class, and what is out of date.</summary>
    /// <returns>Whether every mutant that is left has a class, and every class a mutant.</returns>
    public static bool Write(Results results, Func<string, string> currentHash, TextWriter output)
    {
        output.WriteLine($"mutants: {results.Files.Sum(file => file.Mutants)}");
        output.WriteLine($"killed by the quick suite: {results.Files.Sum(file => file.Killed)}");
        output.WriteLine($"killed by the long suite: {results.Files.Sum(file => file.KilledLate)}");
        foreach (MutantEnd outcome in new[] { MutantEnd.Timeout, MutantEnd.Survived, MutantEnd.NoCoverage })
            output.WriteLine($"{outcome}: {results.Files.Sum(file => file.Count(outcome))}");
        foreach (SurvivorKind kind in Enum.GetValues<SurvivorKind>())
            output.WriteLine($"left, {kind}: {results.Left.Count(left => left.Class?.Kind == kind)}");
        output.WriteLine($"detected, %: {Page.Score(results.Files)}");
        foreach (FileResult file in results.Files.Where(file => file.Sha256 != currentHash(file.File)))
            output.WriteLine($"changed since it was measured: {file.File}");
        foreach ((FileResult file, Mutant mutant, _) in results.Left.Where(left => left.Class is null))
            output.WriteLine($"without a class: {file.File}:{mutant.Line}: {mutant.Original} -> {mutant.Replacement}");
        foreach (SurvivorClass unneeded in results.Unneeded)
            output.WriteLine($"no such mutant is left: {unneeded.File}: {unneeded.Context}: {unneeded.Original} -> {unneeded.Replacement}");
        return results.Left.All(left => left.Class is not null) && !results.Unneeded.Any();
    }
}
