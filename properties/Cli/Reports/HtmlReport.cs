using System.Net;
using System.Text;
using System.Text.Json;
using FolioCheck.Exec;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary>
/// A scenario as one page of HTML that needs nothing else: the observations of every step as JSON, in the words of properties/Exec/README.md, and a
/// script that draws them. The same story gives the same bytes.
/// </summary>
public static class HtmlReport
{
    /// <summary>Writes a story.</summary>
    public static string Write(Story story)
    {
        // The data come last: nothing in them is taken for a place to fill in. The JSON writer escapes < and &, so they cannot end the script element.
        return Resource.Read("report.html")
            .Replace("{{title}}", WebUtility.HtmlEncode(story.Name), StringComparison.Ordinal)
            .Replace("{{style}}", Resource.Read("report.css"), StringComparison.Ordinal)
            .Replace("{{script}}", Resource.Read("report.js"), StringComparison.Ordinal)
            .Replace("{{story}}", Json(story), StringComparison.Ordinal);
    }

    private static string Json(Story story)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", story.Name);
            json.WriteString("command", story.Command);
            json.WriteString("machine", MachineText.Line(story.Scenario.Machine));
            json.WriteString("thp", ScenarioText.ThpLine(story.Scenario.Machine.Thp));
            json.WriteNumber("table", story.Scenario.Machine.EntriesPerTable);
            WriteBits<PteBits>(json, "bits");
            WriteBits<VmaFlags>(json, "flags");
            WriteTexts(json, "notes", story.Notes);
            WriteFailure(json, story.Failure);
            json.WriteStartArray("steps");
            foreach (StoryStep step in story.Steps)
                WriteStep(json, step);
            json.WriteEndArray();
            WriteTexts(json, "notReached", story.Scenario.Operations.Skip(story.Steps.Count - 1).Select(operation => OperationText.Line(operation)));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteStep(Utf8JsonWriter json, StoryStep step)
    {
        json.WriteStartObject();
        json.WriteString("operation", step.Operation is Operation operation ? OperationText.Line(operation) : "");
        json.WriteString("outcome", step.Outcome);
        json.WriteString("foundOutcome", step.FoundOutcome);
        json.WritePropertyName("expected");
        json.WriteRawValue(ObservationWriter.Write(step.Expected.Observation));
        json.WritePropertyName("found");
        json.WriteRawValue(step.Found is null ? "null" : ObservationWriter.Write(step.Found.Observation));
        json.WriteEndObject();
    }

    private static void WriteFailure(Utf8JsonWriter json, Failure? failure)
    {
        if (failure is null)
        {
            json.WriteNull("failure");
            return;
        }
        json.WriteStartObject("failure");
        json.WriteNumber("step", failure.Step + 1);
        json.WriteString("check", failure.Check);
        json.WriteString("where", failure.Path);
        json.WriteString("expected", failure.Expected);
        json.WriteString("found", failure.Found);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>The names of an enumeration's bits, so that the page knows those that are added later.</summary>
    private static void WriteBits<TFlags>(Utf8JsonWriter json, string name)
        where TFlags : struct, Enum
    {
        json.WriteStartObject(name);
        foreach (TFlags flag in Enum.GetValues<TFlags>())
        {
            long value = Convert.ToInt64(flag, null);
            if (value != 0)
                json.WriteNumber(JsonNamingPolicy.SnakeCaseLower.ConvertName(flag.ToString()), value);
        }
        json.WriteEndObject();
    }
}
