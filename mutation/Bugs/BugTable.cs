using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FolioCheck.Mutation;

/// <summary>Writes measured bugs as Markdown tables and as JSON.</summary>
public static class BugTable
{
    private static readonly JsonSerializerOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Table (a): every bug, what catches it, how soon.</summary>
    public static string Bugs(IReadOnlyList<BugRow> rows)
    {
        int seeds = rows.Count == 0 ? 1 : rows[0].Hunts.Count;
        var table = new MarkdownTable("bug", "what goes wrong", "caught by", "operations, seed 1", $"median of {Text(seeds)}", "worst", "shrunk to");
        foreach (BugRow row in rows)
        {
            table.Add(
                Code(row.Bug.Id), row.Bug.Wrong, row.First.CaughtBy, Text(row.First.Operations),
                Text(row.MedianOperations), row.AlwaysCaught ? Text(row.WorstOperations) : $"{Text(row.Caught)} of {Text(seeds)} caught", Length(row.First));
        }
        return table.ToString();
    }

    /// <summary>Table (b): bugs of the reference, and what catches them without an implementation.</summary>
    public static string Reference(IReadOnlyList<BugRow> rows)
    {
        var table = new MarkdownTable("bug", "properties alone", "abstract memory alone", "recorded transcripts");
        foreach (BugRow row in rows)
        {
            if (row.Alone is ReferenceGuards guards)
                table.Add(Code(row.Bug.Id), Brief(guards.Properties), Brief(guards.AbstractMemory), Transcript(guards.Transcript));
        }
        return table.ToString();
    }

    /// <summary>Table (c): every property, and a bug that it catches alone.</summary>
    public static string Properties(IReadOnlyList<PropertyRow> rows)
    {
        var table = new MarkdownTable("property", "bug that it catches alone", "operations", "shrunk to");
        foreach (PropertyRow row in rows)
        {
            string hunt = row.Hunt is { End: HuntEnd.Caught } caught ? Text(caught.Operations) : "not caught";
            table.Add($"{row.Property.Number}, {row.Property.Name}", Code(row.Bug?.Id ?? "none"), hunt, row.Hunt is null ? "" : Length(row.Hunt));
        }
        return table.ToString();
    }

    /// <summary>Everything as JSON: a bug or a property on each line.</summary>
    public static string Json(IReadOnlyList<BugRow> bugs, IReadOnlyList<PropertyRow> properties) =>
        $"{{\n\"bugs\": [\n{Lines(bugs.Select(Json))}],\n\"properties\": [\n{Lines(properties.Select(Json))}]\n}}\n";

    private static string Lines(IEnumerable<JsonObject> rows) => string.Join(",\n", rows.Select(row => row.ToJsonString(_plain))) + "\n";

    private static JsonObject Json(BugRow row) => new()
    {
        ["id"] = row.Bug.Id,
        ["layer"] = row.Bug.Layer.ToString(),
        ["caught"] = row.Caught,
        ["seeds"] = row.Hunts.Count,
        ["notCaught"] = new JsonArray([.. row.NotCaught.Select(seed => JsonValue.Create(seed))]),
        ["median"] = row.MedianOperations,
        ["worst"] = row.WorstOperations,
        ["caughtBy"] = row.First.CaughtBy,
        ["shrunk"] = row.First.Shrunk?.Operations.Count,
        ["operations"] = new JsonArray([.. row.Hunts.Select(hunt => JsonValue.Create(hunt.Operations))]),
        ["alone"] = row.Alone is null ? null : Json(row.Alone),
    };

    private static JsonObject Json(ReferenceGuards guards) => new()
    {
        ["properties"] = Json(guards.Properties),
        ["abstractMemory"] = Json(guards.AbstractMemory),
        ["transcript"] = guards.Transcript,
    };

    private static JsonObject Json(PropertyRow row) => new()
    {
        ["property"] = row.Property.Number,
        ["name"] = row.Property.Name,
        ["bug"] = row.Bug?.Id,
        ["hunt"] = row.Hunt is null ? null : Json(row.Hunt),
    };

    private static JsonObject Json(HuntResult hunt) => new()
    {
        ["end"] = hunt.End.ToString(),
        ["operations"] = hunt.Operations,
        ["caughtBy"] = hunt.CaughtBy,
        ["shrunk"] = hunt.Shrunk?.Operations.Count,
    };

    private static string Brief(HuntResult hunt) =>
        hunt.End == HuntEnd.Missed ? "no" : string.Create(CultureInfo.InvariantCulture, $"{hunt.CaughtBy} ({hunt.Operations} operations)");

    private static string Transcript(string? disagreement) => disagreement switch
    {
        null => "no",
        "" => "not looked at",
        _ => disagreement,
    };

    private static string Length(HuntResult hunt) => hunt.Shrunk is null ? "" : Text(hunt.Shrunk.Operations.Count);

    private static string Code(string id) => $"`{id}`";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
