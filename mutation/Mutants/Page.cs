using System.Globalization;
using System.Text;

namespace FolioCheck.Mutants;

/// <summary>The Markdown page of a model.</summary>
public static class Page
{
    private const int LongestSnippet = 90;

    private static readonly (SurvivorKind? Kind, string Title)[] _kinds =
    [
        (SurvivorKind.Gap, "Gaps: wrong, and nothing noticed"),
        (SurvivorKind.SpecificationFree, "Specification-free: no rule speaks about the difference"),
        (SurvivorKind.Equivalent, "Equivalent: the same for every input"),
        (null, "Not looked at yet"),
    ];

    /// <summary>Writes the page.</summary>
    public static string Write(Target target, Results results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Mutants of the {target.Name}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Written by `dotnet run --project mutation/Mutants -c Release -- {target.Name}`. Removals of a block whose statements\n");
        text.Append("are mutated anyway are not counted. *Late* mutants survive the quick suite and are killed by the long one; a *timeout* is detected too,\n");
        text.Append("but says nothing about what is wrong. *Not compiled* are no mutants, but many in one file mean that Stryker gave up a method.\n\n");
        WriteFiles(text, results);
        foreach ((SurvivorKind? kind, string title) in _kinds)
            WriteMutants(text, title, [.. results.Left.Where(left => left.Class?.Kind == kind)]);
        WriteMutants(text, "Timeouts: a busy machine makes some of its own", [.. Timeouts(results)]);
        return text.ToString();
    }

    /// <summary>Detected mutants of a hundred.</summary>
    public static string Score(IReadOnlyCollection<FileResult> files)
    {
        int mutants = files.Sum(file => file.Mutants);
        int left = files.Sum(file => file.Others.Count(mutant => mutant.IsLeft));
        return mutants == 0 ? "" : (100.0 * (mutants - left) / mutants).ToString("F1", CultureInfo.InvariantCulture);
    }

    private static void WriteFiles(StringBuilder text, Results results)
    {
        Row(text, "file", "mutants", "killed", "late", "timeout", "survived", "no coverage", "detected, %", "not compiled");
        Row(text, "---", "---", "---", "---", "---", "---", "---", "---", "---");
        foreach (FileResult file in results.Files)
            WriteFile(text, file.File, [file]);
        WriteFile(text, "all", results.Files);
    }

    private static void WriteFile(StringBuilder text, string name, IReadOnlyList<FileResult> files) => Row(
        text,
        name,
        Number(files.Sum(file => file.Mutants)),
        Number(files.Sum(file => file.Killed)),
        Number(files.Sum(file => file.KilledLate)),
        Number(files.Sum(file => file.Count(MutantEnd.Timeout))),
        Number(files.Sum(file => file.Count(MutantEnd.Survived))),
        Number(files.Sum(file => file.Count(MutantEnd.NoCoverage))),
        Score(files),
        Number(files.Sum(file => file.NotCompiled)));

    private static IEnumerable<(FileResult File, Mutant Mutant, SurvivorClass? Class)> Timeouts(Results results) =>
        from file in results.Files
        from mutant in file.Others
        where mutant.Outcome == MutantEnd.Timeout
        select (file, mutant, (SurvivorClass?)null);

    private static void WriteMutants(StringBuilder text, string title, IReadOnlyList<(FileResult File, Mutant Mutant, SurvivorClass? Class)> mutants)
    {
        if (mutants.Count == 0)
            return;
        text.Append(CultureInfo.InvariantCulture, $"\n## {title} ({mutants.Count})\n\n");
        Row(text, "where", "code", "mutant", "why");
        Row(text, "---", "---", "---", "---");
        foreach ((FileResult file, Mutant mutant, SurvivorClass? found) in mutants)
            Row(text, $"{file.File}:{Number(mutant.Line)}", Code(mutant.Original), Code(mutant.Replacement), found?.Reason ?? "");
    }

    private static void Row(StringBuilder text, params ReadOnlySpan<string> cells)
    {
        foreach (string cell in cells)
            text.Append("| ").Append(cell.Replace("|", "\\|", StringComparison.Ordinal)).Append(' ');
        text.Append("|\n");
    }

    private static string Code(string snippet)
    {
        if (snippet.Length == 0)
            return "nothing";
        string shown = snippet.Length <= LongestSnippet ? snippet : snippet[..LongestSnippet] + " ...";
        return $"`{shown}`";
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
