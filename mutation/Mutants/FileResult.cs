using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace FolioCheck.Mutants;

/// <summary>What became of a file's mutants.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Sha256">Of its text when it was measured: another text is measured again.</param>
/// <param name="Killed">Mutants that the quick suite killed.</param>
/// <param name="KilledLate">Mutants that only the long suite killed.</param>
/// <param name="NotCompiled">Mutants that did not compile and so were not tested; where Stryker gives up a whole method, all of its mutants.</param>
/// <param name="Others">All other tested mutants, by place.</param>
public sealed record FileResult(string File, string Sha256, int Killed, int KilledLate, int NotCompiled, IReadOnlyList<Mutant> Others)
{
    /// <summary>Counts mutants.</summary>
    public static FileResult Of(string file, string text, IReadOnlyList<Mutant> mutants) => new(
        file,
        Hash(text),
        mutants.Count(mutant => mutant.Outcome == MutantEnd.Killed),
        mutants.Count(mutant => mutant.Outcome == MutantEnd.KilledLate),
        mutants.Count(mutant => mutant.Outcome == MutantEnd.CompileError),
        [.. mutants.Where(mutant => mutant.Outcome is not (MutantEnd.Killed or MutantEnd.KilledLate or MutantEnd.CompileError))
            .OrderBy(mutant => mutant.Start).ThenBy(mutant => mutant.End).ThenBy(mutant => mutant.Replacement, StringComparer.Ordinal)]);

    /// <summary>All tested mutants.</summary>
    [JsonIgnore]
    public int Mutants => Killed + KilledLate + Others.Count;

    /// <summary>Mutants that ended in a way that <see cref="Others"/> lists.</summary>
    public int Count(MutantEnd outcome) => Others.Count(mutant => mutant.Outcome == outcome);

    /// <summary>Identifies a text.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
