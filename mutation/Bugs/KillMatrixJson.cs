using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>Writes a kill matrix as JSON: no times, and always in the same order, a bug or a property a line.</summary>
public static class KillMatrixJson
{
    /// <summary>The matrix as JSON.</summary>
    public static string Write(KillMatrix matrix)
    {
        KillMatrixOptions options = matrix.Options;
        var text = new StringBuilder("{\n");
        text.Append(CultureInfo.InvariantCulture, $"\"seed\": {options.Seed},\n");
        text.Append(CultureInfo.InvariantCulture, $"\"operations\": {{\"implementation\": {options.StepBudget(BugLayer.Implementation)}, \"implementation, micro-steps, laws and abstract memory\": {options.LawBudget(BugLayer.Implementation)}, ");
        text.Append(CultureInfo.InvariantCulture, $"\"reference\": {options.StepBudget(BugLayer.Reference)}, \"reference, micro-steps, laws and abstract memory\": {options.LawBudget(BugLayer.Reference)}, ");
        text.Append(CultureInfo.InvariantCulture, $"\"a property and its own bug\": {PropertyBugs.Budget}}},\n");
        text.Append("\"properties\": [\n").AppendJoin(",\n", Catalogue.All.Select(property => Json(matrix, property).ToJsonString())).Append("\n],\n");
        text.Append("\"bugs\": [\n").AppendJoin(",\n", matrix.Rows.Select(row => Json(row).ToJsonString())).Append("\n]\n}\n");
        return text.ToString();
    }

    private static JsonObject Json(KillMatrix matrix, Property property) => new()
    {
        ["property"] = property.Number,
        ["name"] = property.Name,
        ["catches"] = matrix.CaughtBy(property).Count(),
        ["onlyIt"] = new JsonArray([.. matrix.CaughtOnlyBy(property).Select(row => (JsonNode)row.Bug.Id)]),
    };

    private static JsonObject Json(KillRow row)
    {
        var caught = new JsonObject();
        foreach (Property property in Catalogue.All.Where(row.Caught.ContainsKey))
            caught[property.Number.ToString(CultureInfo.InvariantCulture)] = row.Caught[property];
        return new JsonObject
        {
            ["id"] = row.Bug.Id,
            ["layer"] = row.Bug.Layer.ToString(),
            ["throws"] = row.Throws is not KillThrow thrown ? null : new JsonObject
            {
                ["exception"] = thrown.Exception,
                ["operations"] = thrown.Operations,
                ["observing"] = thrown.Observing,
            },
            ["values"] = row.Values,
            ["caught"] = caught,
        };
    }
}
