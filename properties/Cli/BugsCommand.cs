using System.Globalization;
using FolioCheck.Mutation;

namespace FolioCheck.Cli;

/// <summary>What <c>bugs</c> was asked for.</summary>
/// <param name="Id">One bug; null for all.</param>
/// <param name="Seeds">Hunts for each bug.</param>
/// <param name="Json">File for the rows as JSON; null for none.</param>
/// <param name="Markdown">Whether to print the tables that mutation/README.md shows.</param>
/// <param name="Transcripts">Folder of recorded transcripts; null if there is none.</param>
public sealed record BugsOptions(string? Id, int Seeds, string? Json, bool Markdown, string? Transcripts);

/// <summary><c>foliocheck bugs</c>: plants each known bug in turn and says what catches it.</summary>
public static class BugsCommand
{
    /// <summary>Hunts the bugs.</summary>
    /// <returns><see cref="ExitCode.Failed"/> if a bug was not caught.</returns>
    public static int Run(BugsOptions options, TextWriter output, TextWriter errors)
    {
        if (options.Id is string id && PlantedBugs.All.All(bug => bug.Id != id))
        {
            errors.WriteLine($"foliocheck: there is no planted bug '{id}'");
            return ExitCode.Usage;
        }
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"foliocheck bugs{(options.Id is null ? "" : " --id " + options.Id)} --seeds {options.Seeds}"));
        var measurement = new BugMeasurement(
            new BugMeasurementOptions { Id = options.Id, Seeds = options.Seeds, Transcripts = options.Transcripts },
            step => errors.WriteLine(step));
        var bugs = new List<BugRow>();
        foreach (BugRow row in measurement.Bugs())
        {
            bugs.Add(row);
            if (!options.Markdown)
                output.WriteLine(Line(row));
        }
        List<PropertyRow> properties = [.. measurement.Properties()];
        if (options.Markdown)
            WriteTables(output, bugs, properties);
        int missed = bugs.Count(row => !row.AlwaysCaught) + properties.Count(row => row.Hunt?.End != HuntEnd.Caught);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bugs: {bugs.Count}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"properties: {properties.Count}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"not caught: {missed}"));
        if (options.Json is string json && AtomicFile.TryWrite(json, BugTable.Json(bugs, properties).ToJsonString() + "\n") is string reason)
        {
            errors.WriteLine($"{json}: {reason}");
            return missed == 0 ? ExitCode.CannotWrite : ExitCode.Failed;
        }
        return missed == 0 ? ExitCode.Held : ExitCode.Failed;
    }

    private static string Line(BugRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Bug.Id}: {(row.AlwaysCaught ? $"caught by {row.First.CaughtBy}, median {row.MedianOperations} operations, shrunk to {row.First.Shrunk?.Operations.Count}" : "not always caught")}");

    private static void WriteTables(TextWriter output, List<BugRow> bugs, List<PropertyRow> properties)
    {
        foreach (string table in new[] { BugTable.Bugs(bugs), BugTable.Reference(bugs), BugTable.Properties(properties) })
            output.WriteLine(table);
    }
}
