using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>The first thing that went wrong in a run.</summary>
/// <param name="Check">What found it: "lockstep", "abstract memory", or a property's title.</param>
/// <param name="Field">What differs, without the names of particular things: it stays while the scenario shrinks.</param>
/// <param name="Step">0-based index of the operation.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Path">What differs, with all names.</param>
/// <param name="Expected">Expected value, or a sentence.</param>
/// <param name="Found">Found value, or nothing.</param>
public sealed record Failure(string Check, string Field, int Step, Operation Operation, string Path, string Expected, string Found)
{
    /// <summary>Whether two failures are the same fault seen in two scenarios.</summary>
    public bool IsLike(Failure other) => Check == other.Check && Field == other.Field;

    /// <summary>The failure in one line.</summary>
    public string Summary => Found.Length == 0 ? $"{Check}: {Path}: {Expected}" : $"{Check}: {Path}: expected {Expected}, found {Found}";
}
