using System.Globalization;
using System.Text.Json;

namespace FolioCheck.Mutants;

/// <summary>
/// Reads Stryker's JSON report. Its keys are absolute paths, so it is never committed; and it leaves out mutants for good
/// reasons and for bad ones, with which a run looks green for nothing.
/// </summary>
public static class StrykerReport
{
    /// <summary>Why a mutant needs no test: it removes a block whose statements are mutated anyway.</summary>
    private const string CoveredByOthers = "Removed by block already covered filter";

    /// <summary>
    /// The mutants of a file. Those that compile have no outcome yet but <see cref="MutantEnd.NoCoverage"/>: what Stryker tested is few, and with one test that
    /// is not about them.
    /// </summary>
    /// <param name="json">The report.</param>
    /// <param name="file">Name of the file, without folder.</param>
    /// <exception cref="InvalidDataException">The file is missing, or a mutant is left out for no good reason.</exception>
    public static IReadOnlyList<Mutant> Read(string json, string file)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement entry = document.RootElement.GetProperty("files").EnumerateObject()
            .FirstOrDefault(candidate => candidate.Name.Split('/', '\\')[^1] == file).Value;
        if (entry.ValueKind == JsonValueKind.Undefined)
            throw new InvalidDataException($"the report does not name {file}");
        var source = new SourceText(entry.GetProperty("source").GetString()!);
        var mutants = new List<Mutant>();
        foreach (JsonElement element in entry.GetProperty("mutants").EnumerateArray())
        {
            string status = element.GetProperty("status").GetString()!;
            string reason = element.TryGetProperty("statusReason", out JsonElement text) ? text.GetString() ?? "" : "";
            if (reason == CoveredByOthers)
                continue;
            if (!Enum.TryParse(status, out MutantEnd outcome))
                throw new InvalidDataException($"{file}: a mutant was not made: {status} {reason}");
            mutants.Add(MutantOf(element, source, outcome == MutantEnd.CompileError ? outcome : MutantEnd.NoCoverage));
        }
        return mutants;
    }

    private static Mutant MutantOf(JsonElement element, SourceText source, MutantEnd outcome)
    {
        (int start, int end) = source.Span(element.GetProperty("location"));
        return new Mutant(
            source.Line(start),
            source.Context(start),
            start,
            end,
            element.GetProperty("mutatorName").GetString()!,
            SourceText.OneLine(source.Text[start..end]),
            SourceText.OneLine(element.GetProperty("replacement").GetString()!),
            outcome)
        {
            Id = int.Parse(element.GetProperty("id").GetString()!, CultureInfo.InvariantCulture),
        };
    }
}
