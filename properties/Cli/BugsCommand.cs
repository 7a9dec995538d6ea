using System.Diagnostics;
using FolioCheck.Mutation;
using static System.FormattableString;

namespace FolioCheck.Cli;

/// <summary>What <c>bugs</c> was asked for.</summary>
/// <param name="Id">One bug, or several with commas between them; null for all.</param>
/// <param name="Seeds">Hunts for each bug.</param>
/// <param name="Json">File for the rows as JSON; null for none.</param>
/// <param name="Markdown">Whether to print the tables that mutation/README.md shows.</param>
/// <param name="Transcripts">Folder of recorded transcripts; null if there is none.</param>
/// <param name="Workers">Bugs hunted at the same time.</param>
/// <param name="Shrink">Whether the scenario that caught a bug with seed 1 is shrunk.</param>
/// <param name="Properties">Whether each property hunts its own bug, too.</param>
public sealed record BugsOptions(string? Id, int Seeds, string? Json, bool Markdown, string? Transcripts, int Workers, bool Shrink, bool Properties);

/// <summary><c>foliocheck bugs</c>: plants each known bug in turn and says what catches it.</summary>
public static class BugsCommand
{
    /// <summary>Hunts the bugs.</summary>
    /// <returns><see cref="ExitCode.Failed"/> if a bug was not caught.</returns>
    public static int Run(BugsOptions options, TextWriter output, TextWriter errors)
    {
        if (options.Id?.Split(',').FirstOrDefault(id => PlantedBugs.Find(id) is null) is string id)
        {
            errors.WriteLine($"foliocheck: there is no planted bug '{id}'");
            return ExitCode.Usage;
        }
        output.WriteLine(Repeat(options));
        var measured = new BugMeasurementOptions
        {
            Id = options.Id,
            Seeds = options.Seeds,
            Transcripts = options.Transcripts,
            Workers = options.Workers,
            Hunt = new HuntOptions { Shrink = options.Shrink },
        };
        var clock = Stopwatch.StartNew();
        var measurement = new BugMeasurement(measured, step => errors.WriteLine(step));
        IReadOnlyList<BugRow> bugs = measurement.Bugs();
        int runs = bugs.Count * options.Seeds;
        errors.WriteLine(Invariant($"bug-runs: {runs}, seconds: {clock.Elapsed.TotalSeconds:F1}, seconds a bug-run: {clock.Elapsed.TotalSeconds / runs:F3}"));
        IReadOnlyList<PropertyRow> properties = options.Properties ? measurement.Properties() : [];
        if (options.Markdown)
            WriteTables(output, bugs, properties);
        else
            WriteLines(output, bugs);
        int missed = WriteTotals(output, bugs, properties);
        if (options.Json is string json && AtomicFile.TryWrite(json, BugTable.Json(bugs, properties)) is string reason)
        {
            errors.WriteLine($"{json}: {reason}");
            return missed == 0 ? ExitCode.CannotWrite : ExitCode.Failed;
        }
        return missed == 0 ? ExitCode.Held : ExitCode.Failed;
    }

    private static string Repeat(BugsOptions options) =>
        Invariant($"foliocheck bugs{(options.Id is null ? "" : " --id " + options.Id)} --seeds {options.Seeds}{(options.Shrink ? "" : " --no-shrink")}{(options.Properties ? "" : " --no-properties")}");

    private static void WriteLines(TextWriter output, IReadOnlyList<BugRow> bugs)
    {
        foreach (BugRow row in bugs)
            output.WriteLine(Line(row));
    }

    private static string Line(BugRow row)
    {
        string caught = row.AlwaysCaught ? $"caught by {row.First.CaughtBy}" : $"not caught with seed {string.Join(", ", row.NotCaught)}";
        string shrunk = row.First.Shrunk is null ? "" : Invariant($", shrunk to {row.First.Shrunk.Operations.Count}");
        return Invariant($"{row.Bug.Id}: {caught}, median {row.MedianOperations} operations, worst {row.WorstOperations}{shrunk}");
    }

    private static void WriteTables(TextWriter output, IReadOnlyList<BugRow> bugs, IReadOnlyList<PropertyRow> properties)
    {
        foreach (string table in new[] { BugTable.Bugs(bugs), BugTable.Reference(bugs), BugTable.Properties(properties) })
            output.WriteLine(table);
    }

    /// <summary>The last rows; returns how many bugs and properties failed.</summary>
    private static int WriteTotals(TextWriter output, IReadOnlyList<BugRow> bugs, IReadOnlyList<PropertyRow> properties)
    {
        int missed = bugs.Count(row => !row.AlwaysCaught) + properties.Count(row => row.Hunt?.End != HuntEnd.Caught);
        output.WriteLine(Invariant($"bugs: {bugs.Count}"));
        output.WriteLine(Invariant($"hunts: {bugs.Sum(row => row.Hunts.Count)}, {bugs.Sum(row => row.Caught)} caught"));
        output.WriteLine(Invariant($"operations of the median bug: {bugs.Select(row => row.MedianOperations).Order().ElementAt((bugs.Count - 1) / 2)}"));
        output.WriteLine(Invariant($"operations of the worst hunt: {bugs.Max(row => row.WorstOperations)}"));
        output.WriteLine(Invariant($"properties: {properties.Count}"));
        output.WriteLine(Invariant($"not caught: {missed}"));
        return missed;
    }
}
