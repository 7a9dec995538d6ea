using System.Text.Json.Serialization;

namespace FolioCheck.Mutants;

/// <summary>How a mutant ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MutantEnd>))]
public enum MutantEnd
{
    /// <summary>A test of the quick suite failed.</summary>
    Killed,

    /// <summary>Only a test of the long suite failed.</summary>
    KilledLate,

    /// <summary>The tests did not end in time: detected, but what was wrong is not said.</summary>
    Timeout,

    /// <summary>All tests passed.</summary>
    Survived,

    /// <summary>No test of the quick suite runs the code, and the long suite passed.</summary>
    NoCoverage,

    /// <summary>It does not compile: not tested.</summary>
    CompileError,
}

/// <summary>A mutant.</summary>
/// <param name="Line">1-based line where the mutated code begins.</param>
/// <param name="Context">That line, behind the one before; white space is one blank.</param>
/// <param name="Start">0-based offset of the mutated code.</param>
/// <param name="End">Offset behind it.</param>
/// <param name="Mutator">Stryker's name for the kind of change.</param>
/// <param name="Original">The code; white space is one blank.</param>
/// <param name="Replacement">What stands in its place; white space is one blank.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record Mutant(int Line, string Context, int Start, int End, string Mutator, string Original, string Replacement, MutantEnd Outcome)
{
    /// <summary>Whether it needs a reason.</summary>
    [JsonIgnore]
    public bool IsLeft => Outcome is MutantEnd.Survived or MutantEnd.NoCoverage;

    /// <summary>Stryker's number of it, in one report.</summary>
    [JsonIgnore]
    public int Id { get; init; }
}
