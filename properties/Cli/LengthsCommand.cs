using FolioCheck.Mutation;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck explore --bugs</c>: how short planted bugs become, beside the shortest that there is.</summary>
public static class LengthsCommand
{
    /// <summary>Measures the bugs.</summary>
    /// <param name="options">How hard to look.</param>
    /// <param name="markdown">Whether to print the table of mutation/README.md.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="errors">Where progress and bad usage go.</param>
    /// <returns>An <see cref="ExitCode"/>; a bug that no walk meets is no failure.</returns>
    public static int Run(LengthOptions options, bool markdown, TextWriter output, TextWriter errors)
    {
        if (options.Id is string id && PlantedBugs.Find(id) is null)
        {
            errors.WriteLine($"foliocheck: there is no planted bug '{id}'");
            return ExitCode.Usage;
        }
        var all = new List<LengthRow>();
        IEnumerable<LengthRow> rows = new LengthMeasurement(options, errors.WriteLine).Rows().Select(row =>
        {
            all.Add(row);
            return row;
        });
        foreach (string line in markdown ? LengthTable.Markdown(rows) : rows.Select(Line))
        {
            output.WriteLine(line);
            output.Flush();
        }
        if (options.Id is not null && all[0].Found is ShortenedFailure found)
            output.WriteLine(Scenarios(found));
        output.Write(Summary(all));
        return ExitCode.Held;
    }

    private static string Line(LengthRow row) => row.Found is not ShortenedFailure found
        ? $"{row.Bug.Id}: no walk met it"
        : FormattableString.Invariant($"{row.Bug.Id}: {found.World.Name}, walk {found.Length(found.Walk)}, FsCheck {found.Length(found.FsCheck)}, ")
            + FormattableString.Invariant($"shrunk {found.Length(found.Shrunk)}, ")
            + (found.Shortest is Scenario shortest
                ? FormattableString.Invariant($"proved minimum {found.Length(shortest)}")
                : "no minimum within the depth searched");

    private static string Scenarios(ShortenedFailure found) => string.Join(
        '\n',
        ScenarioText.Write(found.Shrunk, "shrunk: " + found.Failure.Summary),
        found.Shortest is null ? "" : ScenarioText.Write(found.Shortest, "proved minimum"));

    private static Rows Summary(List<LengthRow> all)
    {
        ShortenedFailure[] met = [.. all.Select(row => row.Found).OfType<ShortenedFailure>()];
        ShortenedFailure[] proved = [.. met.Where(found => found.Shortest is not null)];
        var rows = new Rows();
        rows.Add("bugs", all.Count);
        rows.Add("met on a walk", met.Length);
        rows.Add("minimum proved", proved.Length);
        rows.Add("shrunk to the minimum", proved.Count(found => found.Excess(found.Shrunk) == 0));
        rows.Add("shrunk below it, with operands that the world lacks", proved.Count(found => found.Excess(found.Shrunk) < 0));
        rows.Add("shrunk to one operation more", proved.Count(found => found.Excess(found.Shrunk) == 1));
        rows.Add("shrunk to two or more", proved.Count(found => found.Excess(found.Shrunk) > 1));
        rows.Add("FsCheck alone to the minimum or below", proved.Count(found => found.Excess(found.FsCheck) <= 0));
        rows.Add("FsCheck alone to one operation more", proved.Count(found => found.Excess(found.FsCheck) == 1));
        rows.Add("FsCheck alone to two or more", proved.Count(found => found.Excess(found.FsCheck) > 1));
        if (proved.Length > 0)
            rows.AddTimed("median seconds to shrink", proved.Select(found => found.ShrinkTime.TotalSeconds).Order().ElementAt((proved.Length - 1) / 2));
        return rows;
    }
}
