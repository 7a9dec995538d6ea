using System.Text.Json.Nodes;
using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>Measured rows and the tables that are made of them.</summary>
public class BugTableTests
{
    private static readonly BugMeasurementOptions _options = new()
    {
        Id = "ref-none-over-vma",
        Seeds = 3,
        Hunt = new HuntOptions { ShrinkRuns = 200 },
        AloneOperations = 1000,
    };

    [Fact]
    public void A_bug_of_the_reference_is_measured_with_its_guards()
    {
        var told = new List<string>();
        BugRow row = Assert.Single(new BugMeasurement(_options, told.Add).Bugs());
        Assert.StartsWith("1 of 1, ref-none-over-vma: 3 of 3 caught, median ", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal(3, row.Hunts.Count);
        Assert.True(row.AlwaysCaught);
        Assert.NotNull(row.First.Shrunk);
        Assert.Equal("", row.Alone!.Transcript);
        Assert.Equal(row.Hunts.Select(hunt => hunt.Operations).Order().ElementAt(1), row.MedianOperations);

        string[] lines = BugTable.Bugs([row]).TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("| `ref-none-over-vma` | ", lines[2], StringComparison.Ordinal);
        Assert.Contains("not looked at", BugTable.Reference([row]), StringComparison.Ordinal);
        Assert.Equal("ref-none-over-vma", JsonNode.Parse(BugTable.Json([row], []))!["bugs"]![0]!["id"]!.GetValue<string>());
    }

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        BugMeasurementOptions options = _options with { Id = "copy-keeps-reference,ref-none-over-vma", Hunt = new HuntOptions { Shrink = false } };
        IReadOnlyList<BugRow> one = new BugMeasurement(options, _ => { }).Bugs();
        IReadOnlyList<BugRow> two = new BugMeasurement(options with { Workers = 2 }, _ => { }).Bugs();
        Assert.Equal(2, one.Count);
        Assert.Equal(BugTable.Json(one, []), BugTable.Json(two, []));
    }

    [Fact]
    public void A_property_is_measured_with_its_bug()
    {
        BugMeasurementOptions options = _options with { Id = "copy-keeps-reference" };
        PropertyRow row = Assert.Single(new BugMeasurement(options, _ => { }).Properties());
        Assert.Equal(5, row.Property.Number);
        Assert.StartsWith("| 5, references cover mappings | `copy-keeps-reference` | ", BugTable.Properties([row]).Split('\n')[2], StringComparison.Ordinal);
    }
}
