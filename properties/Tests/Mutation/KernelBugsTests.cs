using System.Globalization;
using System.Text.RegularExpressions;
using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>The page on bugs of the kernel, mutation/corpus.md, and the planted bugs tell of each other.</summary>
public partial class KernelBugsTests
{
    private static readonly string[] _lines = File.ReadAllLines(RepositoryRoot.File("mutation", "corpus.md"));

    /// <summary>The rows of tables, cell by cell: those of commits have four, those of natural mutants three.</summary>
    private static readonly string[][] _rows =
        [.. _lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line[2..^2].Split(" | "))
            .Where(cells => cells[^1] is not ("planted as" or "---"))];

    private static readonly string[][] _commits = [.. _rows.Where(cells => cells.Length == 4)];

    private static readonly string[][] _mutants = [.. _rows.Where(cells => cells.Length == 3)];

    [Fact]
    public void Every_row_has_its_cells() => Assert.All(_rows, cells => Assert.InRange(cells.Length, 3, 4));

    [Fact]
    public void Every_bug_that_is_named_exists()
    {
        string[] ids = [.. IdsIn(string.Join('\n', _lines)).Distinct()];
        Assert.True(ids.Length > 100, $"{ids.Length} bugs are named");
        Assert.All(ids, id => Assert.NotNull(PlantedBugs.Find(id)));
    }

    [Fact]
    public void Every_bug_of_a_commit_stands_in_the_row_of_its_commit()
    {
        PlantedBug[] bugs = [.. PlantedBugs.All.Where(bug => !IsOurs(bug))];
        Assert.True(bugs.Length > 50, $"{bugs.Length} bugs of commits");
        Assert.All(bugs, bug => Assert.Contains(_commits, cells => bug.From.StartsWith(cells[0], StringComparison.Ordinal) && IdsIn(cells[3]).Contains(bug.Id)));
    }

    [Fact]
    public void Every_numbered_mutant_stands_in_the_row_of_its_number()
    {
        Assert.Equal(Enumerable.Range(1, 20).Select(number => string.Create(CultureInfo.InvariantCulture, $"N{number:00}")), _mutants.Select(cells => cells[0]));
        PlantedBug[] bugs = [.. PlantedBugs.All.Where(bug => NumberedMutant().IsMatch(bug.From))];
        Assert.Contains(bugs, bug => bug.Id == "n20-struct-copy");
        Assert.All(bugs, bug => Assert.Contains(_mutants, cells => cells[0] == bug.From[^3..] && IdsIn(cells[2]).Contains(bug.Id)));
    }

    [Fact]
    public void What_is_not_planted_has_a_reason_that_the_page_explains_and_counts()
    {
        string[] left = [.. _commits.Select(cells => LeftOut().Match(cells[3]).Groups[1].Value)];
        foreach (Match reason in _lines.Select(line => Reason().Match(line)).Where(match => match.Success))
        {
            Assert.Equal(int.Parse(reason.Groups[2].Value, CultureInfo.InvariantCulture), left.Count(word => word == reason.Groups[1].Value));
            left = [.. left.Select(word => word == reason.Groups[1].Value ? "explained" : word)];
        }
        Assert.Equal(["", "explained"], left.Distinct().Order());
        Assert.All(_commits.Zip(left).Where(row => row.Second == ""), row => Assert.NotEmpty(IdsIn(row.First[3])));
        Assert.Contains($": {_commits.Length} fixes", _lines[2], StringComparison.Ordinal);
        Assert.Contains($" {left.Count(word => word == "")} of them are planted, {left.Count(word => word != "")} left out.", _lines[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MM-IDs", 10)]
    [InlineData("contpte", 10)]
    [InlineData("Reference", 15)]
    public void Groups_of_our_own_mistakes_are_counted(string group, int least)
    {
        string page = string.Join(' ', _lines.Select(line => line.Trim()));
        Match listed = Regex.Match(page, $@"\* {group} \((\d+)\): ([^.]*)\.");
        string[] ids = [.. IdsIn(listed.Groups[2].Value)];
        Assert.Equal(listed.Groups[1].Value, ids.Length.ToString(CultureInfo.InvariantCulture));
        Assert.True(ids.Length >= least, $"{ids.Length} bugs");
        if (group == "Reference")
            Assert.Equal(PlantedBugs.All.Where(bug => bug.Layer == BugLayer.Reference).Select(bug => bug.Id), ids);
        else
            Assert.All(ids, id => Assert.True(IsOurs(PlantedBugs.Find(id)!), id));
    }

    private static bool IsOurs(PlantedBug bug) => OurOwn().IsMatch(bug.From);

    private static IEnumerable<string> IdsIn(string text) => Id().Matches(text).Select(match => match.Groups[1].Value);

    [GeneratedRegex("^(natural mutant|mistakes list|SPECIFICATION)")]
    private static partial Regex OurOwn();

    [GeneratedRegex(@"^natural mutant N\d\d$")]
    private static partial Regex NumberedMutant();

    [GeneratedRegex("`([a-z0-9-]+)`")]
    private static partial Regex Id();

    [GeneratedRegex(@"^left out \((\w+)\)")]
    private static partial Regex LeftOut();

    [GeneratedRegex(@"^\* \*(\w+)\* \((\d+)\): ")]
    private static partial Regex Reason();
}
