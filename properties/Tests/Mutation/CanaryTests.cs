using FolioCheck.Cli;
using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>A canary that is not caught means that checks are broken, and never that it is a bad one.</summary>
public class CanaryTests
{
    public static TheoryData<string> Ids => [.. Canary.Rotation];

    /// <summary>Whatever the run's law: a law that has its turn in every case, and each in turn.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_canary_is_caught(string id)
    {
        var canary = new Canary(PlantedBugs.Find(id)!);
        CanaryResult all = canary.Run();
        Assert.True(all.Caught, all.Text);
        Assert.Matches($"^{id} caught by .+ after \\d+ operations$", all.Text);
        CanaryResult one = canary.Run(Catalogue.All.OfType<Law>().Last().Number);
        Assert.True(one.Caught, one.Text);
    }

    [Fact]
    public void Canaries_are_bugs_of_the_implementation_and_take_turns()
    {
        Assert.All(Canary.Rotation, id => Assert.True(PlantedBugs.Find(id) is { Layer: BugLayer.Implementation, Settings.IsEmpty: true }, id));
        Assert.Equal(Canary.Rotation, Enumerable.Range(0, Canary.Rotation.Count).Select(seed => Canary.Of((ulong)seed).Name));
        Assert.Equal(Canary.Of(0).Name, Canary.Of((ulong)Canary.Rotation.Count).Name);
        Assert.NotNull(Canary.Of(ulong.MaxValue));
    }

    [Fact]
    public void A_sound_system_is_no_canary()
    {
        CanaryResult result = new Canary("sound", SystemChoice.TheImplementation).Run();
        Assert.False(result.Caught);
        Assert.Matches(@"^sound not caught in \d+ operations$", result.Text);
    }
}
