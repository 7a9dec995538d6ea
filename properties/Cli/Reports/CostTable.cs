using System.Globalization;
using FolioCheck.Properties;
using Spectre.Console;

namespace FolioCheck.Cli;

/// <summary>Counts as a table: a row for each scenario or operation, a column for each kind of event.</summary>
internal static class CostTable
{
    /// <summary>Wide enough for all columns: a table that goes to a file is not broken at the width of no terminal.</summary>
    private const int Width = 240;

    /// <summary>Writes a table.</summary>
    /// <param name="console">Where it goes.</param>
    /// <param name="what">What a row is.</param>
    /// <param name="rss">Which RSS a row has.</param>
    /// <param name="rows">The rows: name, counts, RSS in pages.</param>
    public static void Write(IAnsiConsole console, string what, string rss, IEnumerable<(string Name, EventCounts Counts, long Rss)> rows)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(what).NoWrap());
        foreach (string name in EventCounts.Kinds.Select(kind => kind.Name).Append(rss))
            table.AddColumn(new TableColumn(Heading(name)).RightAligned().NoWrap());
        foreach ((string name, EventCounts counts, long pages) in rows)
        {
            IEnumerable<long> numbers = EventCounts.Kinds.Select(kind => kind.Of(counts)).Append(pages);
            table.AddRow([new Text(name), .. numbers.Select(number => new Text(number.ToString(CultureInfo.InvariantCulture)))]);
        }
        console.Profile.Width = Math.Max(console.Profile.Width, Width);
        console.Write(table);
    }

    /// <summary>A name in two short lines: "flush" stands for the long word.</summary>
    private static string Heading(string name)
    {
        const string Invalidations = " invalidations";
        return name.EndsWith(Invalidations, StringComparison.Ordinal) ? "flush\n" + name[..^Invalidations.Length] : name.Replace(' ', '\n');
    }
}
