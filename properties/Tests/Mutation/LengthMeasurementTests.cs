using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>Lengths of planted bugs beside proved minima.</summary>
public sealed class LengthMeasurementTests
{
    [Theory]
    [InlineData("fork-references-by-calls", 2)]
    [InlineData("clear-soft-dirty-keeps-write", 2)]
    public void The_shrinker_reaches_the_minimum(string id, int minimum)
    {
        LengthRow row = Assert.Single(new LengthMeasurement(new LengthOptions { Id = id, Depth = minimum, Workers = 2 }, _ => { }).Rows());
        ShortenedFailure found = row.Found!;
        Assert.Equal(minimum, found.Length(found.Shortest!));
        Assert.Equal(0, found.Excess(found.Shrunk));
        Assert.InRange(found.Length(found.FsCheck), minimum, found.Length(found.Walk));
        string[] table = [.. LengthTable.Markdown([row, row])];
        Assert.Equal(4, table.Length);
        Assert.StartsWith("| bug | world |", table[0], StringComparison.Ordinal);
        Assert.StartsWith($"| `{id}` | {found.World.Name} |", table[3], StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_no_minimum_where_the_search_ends_before_it()
    {
        LengthRow row = Assert.Single(new LengthMeasurement(new LengthOptions { Id = "fork-references-by-calls", Depth = 1 }, _ => { }).Rows());
        Assert.Null(row.Found!.Shortest);
        Assert.Null(row.Found.Excess(row.Found.Shrunk));
        Assert.Equal(2, LengthTable.Markdown([row]).Count());
    }
}
