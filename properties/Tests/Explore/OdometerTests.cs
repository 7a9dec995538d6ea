using Xunit;

namespace FolioCheck.Properties.Tests.Explore;

/// <summary>Exhaustive choices.</summary>
public sealed class OdometerTests
{
    [Fact]
    public void Draws_everything_once_even_if_bounds_depend_on_earlier_choices()
    {
        IReadOnlyList<string> all = Odometer.All(choices =>
        {
            int first = choices.Choose(3);
            return first == 1 ? $"1{choices.Choose(2)}{choices.Choose(2)}" : $"{first}";
        });
        Assert.Equal(["0", "100", "101", "110", "111", "2"], all);
    }

    [Fact]
    public void Each_world_has_twenty_operations_for_either_process()
    {
        Assert.All(SmallWorlds.All, world =>
        {
            Assert.Equal(40, world.Alphabet.Count);
            Assert.Equal(20, world.Alphabet.Count(operation => operation.Process == 0));
            Assert.Null(world.Machine.Validate());
            Assert.All(world.Walk(new RandomChoices(1), 30).Operations.Skip(world.Start.Count), operation => Assert.Contains(operation, world.Alphabet));
        });
    }
}
