using System.Text.Json;

namespace FolioCheck.Mutants;

/// <summary>
/// Reads Stryker's JSON report. Its keys are absolute paths, so it is never committed; and it lists mutants that were not tested,
/// for good reasons and for bad ones, with which a run looks green for nothing.
/// </summary>
public static class StrykerReport
{
    /// <summary>Why a mutant needs no test: it removes a block whose statements are mutated anyway.</summary>
    private const string CoveredByOthers = "Removed by block already covered filter";

    /// <summary>The mutants of a file: tested, or not compiled.</summary>
    /// <param name="json">The report.</param>
    /// <param name="file">Name of the file, without folder.</param>
    /// <param name="spans">What Stryker was asked to mutate: offsets and ends; null for the whole file.</param>
    /// <exception cref="InvalidDataException">The file is missing, or a mutant that was asked for was not tested.</exception>
    public static IReadOnlyList<Mutant> Read(string json, string file, IReadOnlyCollection<(int Start, int End)>? spans = null)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement entry = document.RootElement.GetProperty("files").EnumerateObject()
            .FirstOrDefault(candidate => candidate.Name.Split('/', '\\')[^1] == file).Value;
        if (entry.ValueKind == JsonValueKind.Undefined)
            throw new InvalidDataException($"the report does not name {file}");
        var source = new SourceText(entry.GetProperty("source").GetString()!);
        var tested = new List<Mutant>();
        foreach (JsonElement element in entry.GetProperty("mutants").EnumerateArray())
        {
            string status = element.GetProperty("status").GetString()!;
            string reason = element.TryGetProperty("statusReason", out JsonElement text) ? text.GetString() ?? "" : "";
            (int start, int end) = source.Span(element.GetProperty("location"));
            bool wanted = spans is null || spans.Contains((start, end));
            if (reason == CoveredByOthers || !wanted)
                continue;
            if (!Enum.TryParse(status, out MutantEnd outcome))
                throw new InvalidDataException($"{file}: a mutant was not tested: {status} {reason}");
            tested.Add(new Mutant(
                source.Line(start),
                source.Context(start),
                start,
                end,
                element.GetProperty("mutatorName").GetString()!,
                SourceText.OneLine(source.Text[start..end]),
                SourceText.OneLine(element.GetProperty("replacement").GetString()!),
                outcome));
        }
        return tested;
    }
}
