using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>Every planted bug is caught. xunit runs one class beside another, so the bugs are dealt out to two.</summary>
public abstract class PlantedBugIsCaughtTests
{
    /// <summary>Every second bug.</summary>
    protected static TheoryData<string> Deal(int first) => [.. PlantedBugs.All.Where((_, place) => place % 2 == first).Select(bug => bug.Id)];

    protected static void IsCaught(string id)
    {
        using CompiledBug bug = PlantedBugs.Find(id)!.Compile();
        var options = new HuntOptions { Seed = 1, Operations = 200_000, Shrink = false, TimeLimit = TimeSpan.FromMinutes(3) };
        HuntResult result = BugHunt.Campaign(HuntedSystem.Of(bug), options);
        Assert.True(result.End == HuntEnd.Caught, $"{id}: {result.End} after {result.Operations} operations");
    }
}

/// <summary>The first, third, fifth, ... bug.</summary>
public sealed class PlantedBugsDealtFirstTests : PlantedBugIsCaughtTests
{
    public static TheoryData<string> Ids => Deal(0);

    [Theory]
    [MemberData(nameof(Ids))]
    public void EveryPlantedBugIsCaught(string id) => IsCaught(id);
}

/// <summary>The second, fourth, sixth, ... bug.</summary>
public sealed class PlantedBugsDealtSecondTests : PlantedBugIsCaughtTests
{
    public static TheoryData<string> Ids => Deal(1);

    [Theory]
    [MemberData(nameof(Ids))]
    public void EveryPlantedBugIsCaught(string id) => IsCaught(id);
}
