using System.Globalization;
using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>Writes measured lengths as a Markdown table.</summary>
public static class LengthTable
{
    /// <summary>The bugs that were met and whose shortest scenario is known, line by line as they come.</summary>
    public static IEnumerable<string> Markdown(IEnumerable<LengthRow> rows)
    {
        string[] columns = ["bug", "world", "caught by", "walk", "FsCheck alone", "shrunk to", "proved minimum"];
        yield return MarkdownTable.Row(columns);
        yield return MarkdownTable.Row(columns.Select(_ => "---"));
        foreach (LengthRow row in rows)
        {
            if (row.Found is not { Shortest: { } shortest } found)
                continue;
            var caught = new HuntResult(HuntEnd.Caught, 0, found.Failure, null);
            yield return MarkdownTable.Row(
                $"`{row.Bug.Id}`", found.World.Name, caught.CaughtBy,
                Length(found, found.Walk), Length(found, found.FsCheck), Length(found, found.Shrunk), Length(found, shortest));
        }
    }

    private static string Length(ShortenedFailure found, Scenario scenario) => found.Length(scenario).ToString(CultureInfo.InvariantCulture);
}
