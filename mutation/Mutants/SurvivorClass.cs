using System.Text.Json.Serialization;

namespace FolioCheck.Mutants;

/// <summary>Why a mutant is left.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SurvivorKind>))]
public enum SurvivorKind
{
    /// <summary>It does the same for every input.</summary>
    Equivalent,

    /// <summary>It differs in what no rule speaks about: the code can go.</summary>
    SpecificationFree,

    /// <summary>It is wrong, and nothing noticed.</summary>
    Gap,
}

/// <summary>What a person found out about a mutant that is left. Line numbers move, so a mutant is known by its text.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Context">The line where the mutated code begins, behind the one before.</param>
/// <param name="Original">The mutated code; null for all mutants that begin in the line.</param>
/// <param name="Replacement">What stands in its place; null for all mutants of that code.</param>
/// <param name="Kind">The class.</param>
/// <param name="Reason">For <see cref="SurvivorKind.Equivalent"/> it speaks about all inputs; for <see cref="SurvivorKind.Gap"/> it says what would notice.</param>
public sealed record SurvivorClass(string File, string Context, string? Original, string? Replacement, SurvivorKind Kind, string Reason)
{
    /// <summary>Whether this speaks about a mutant.</summary>
    public bool Covers(string file, Mutant mutant) =>
        file == File && mutant.Context == Context && (Original is null || mutant.Original == Original) && (Replacement is null || mutant.Replacement == Replacement);
}
