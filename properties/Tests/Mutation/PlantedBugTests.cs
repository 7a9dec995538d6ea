using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>Every planted bug fits the sources as they are.</summary>
public class PlantedBugTests
{
    public static TheoryData<string> Ids => [.. PlantedBugs.All.Select(bug => bug.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void EveryBugStillMatches(string id) => PlantedBugs.Find(id)!.CheckMatch();

    [Fact]
    public void Without_a_bug_nothing_is_caught()
    {
        HuntResult result = BugHunt.Campaign(HuntedSystem.Sound, new HuntOptions { Operations = 20_000, Screen = false });
        Assert.True(result.End == HuntEnd.Missed, result.Failure?.Summary);
        Assert.Equal(20_000, result.Operations);
    }

    [Fact]
    public void A_hunt_repeats_exactly()
    {
        using CompiledBug bug = PlantedBugs.Find("n12-large-mapcount-by-calls")!.Compile();
        HuntResult one = BugHunt.Campaign(HuntedSystem.Of(bug), new HuntOptions { Seed = 3 });
        HuntResult two = BugHunt.Campaign(HuntedSystem.Of(bug), new HuntOptions { Seed = 3 });
        Assert.Equal(one, two);
        Assert.True(one.Shrunk!.Operations.Count <= one.Operations);
    }

    /// <summary>What is left out where the system shows what the sound one shows could not have failed.</summary>
    [Theory]
    [InlineData("n12-large-mapcount-by-calls")]
    [InlineData("contpte-bbml2-flushes")]
    [InlineData("ref-none-over-vma")]
    public void Screening_changes_no_result(string id)
    {
        using CompiledBug bug = PlantedBugs.Find(id)!.Compile();
        var options = new HuntOptions { Seed = 2, Shrink = false };
        HuntResult screened = BugHunt.Campaign(HuntedSystem.Of(bug), options);
        Assert.Equal(HuntEnd.Caught, screened.End);
        Assert.Equal(BugHunt.Campaign(HuntedSystem.Of(bug), options with { Screen = false }), screened);
    }

    [Fact]
    public void There_are_bugs_in_both_layers()
    {
        Assert.True(PlantedBugs.All.Count(bug => bug.Layer == BugLayer.Implementation) >= 10);
        Assert.True(PlantedBugs.All.Count(bug => bug.Layer == BugLayer.Reference) >= 10);
    }
}
