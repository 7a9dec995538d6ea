using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FolioCheck.Properties;

/// <summary>What fails, without the scenario that shows it: two scenarios of one kind are one finding.</summary>
/// <param name="System">The system that fails, as <c>--system</c> names it.</param>
/// <param name="Check">What found it, as <see cref="Failure.Check"/> has it.</param>
/// <param name="Field">What differs, as <see cref="Failure.Field"/> has it.</param>
public sealed record FailureKind(string System, string Check, string Field)
{
    /// <summary>Ending of scenario files.</summary>
    public const string Ending = ".scenario";

    private const int LongestSlug = 60;
    private const int HashBytes = 4;

    /// <summary>The kind of a failure.</summary>
    public static FailureKind Of(string system, Failure failure) => new(system, failure.Check, failure.Field);

    /// <summary>
    /// Name of the file that a scenario of this kind is saved in: readable words, then a hash that tells kinds apart whose words are cut to the same.
    /// The same kind has the same name on every machine and in every run.
    /// </summary>
    public string FileName
    {
        get
        {
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', System, Check, Field)));
            string slug = Slug($"{Check.Split('(')[0]} {Field}");
            return $"{slug}-{Convert.ToHexStringLower(hash.AsSpan(0, HashBytes))}{Ending}";
        }
    }

    private static string Slug(string text)
    {
        var slug = new StringBuilder();
        foreach (char character in text)
        {
            if (char.IsAsciiLetterOrDigit(character))
                slug.Append(char.ToLowerInvariant(character));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }
        return slug.ToString(0, Math.Min(slug.Length, LongestSlug)).Trim('-');
    }
}

/// <summary>A failing scenario as it is saved: a scenario file that says in comments what failed and how it was found.</summary>
/// <param name="Kind">What fails.</param>
/// <param name="Scenario">The scenario, shrunk.</param>
/// <param name="Failure">How it fails.</param>
/// <param name="Seed">Seed of the run that found it.</param>
/// <param name="Command">The command that found it, and finds it again.</param>
public sealed record SavedFailure(FailureKind Kind, Scenario Scenario, Failure Failure, ulong Seed, string Command)
{
    /// <summary>The file.</summary>
    public string Text
    {
        get
        {
            string version = typeof(SavedFailure).Assembly.GetName().Version!.ToString(3);
            return ScenarioText.Write(
                Scenario,
                "check: " + Kind.Check,
                "field: " + (Kind.Field.Length == 0 ? Failure.Path : Kind.Field),
                string.Create(CultureInfo.InvariantCulture, $"step: {Failure.Step + 1}, {OperationText.Line(Failure.Operation)}"),
                "failed: " + Failure.Summary.ReplaceLineEndings(" "),
                "system: " + Kind.System,
                string.Create(CultureInfo.InvariantCulture, $"seed: {Seed}"),
                "version: foliocheck " + version,
                "found by: " + Command);
        }
    }

    /// <summary>Whether this shows the same in less than another scenario: fewer operations, or as many on a smaller machine.</summary>
    public bool IsShorterThan(Scenario other) => Size(Scenario).CompareTo(Size(other)) < 0;

    private static (int Operations, int Table, int Characters) Size(Scenario scenario) =>
        (scenario.Operations.Count, scenario.Machine.EntriesPerTable, ScenarioText.Write(scenario).Length);
}
