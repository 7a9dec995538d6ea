using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>Nothing is drawn that a system cannot do.</summary>
public sealed class OperationSubsetTests
{
    [Fact]
    public void Only_what_is_allowed_is_drawn()
    {
        Assert.Null(OperationSubset.Parse(["mmap", "write", "madvise DONTNEED", "thp"], [0, 3], out OperationSubset allowed));
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= 300; seed++)
        {
            Scenario scenario = ScenarioGenerator.Draw(new RandomChoices(seed), MachineChoice.Default, 40, allowed);
            Assert.True(allowed.Includes(scenario));
            Assert.False(scenario.Machine.SoftDirty);
            Assert.All(Enumerable.Range(2, 8).Where(order => order != 3), order => Assert.Equal(ThpMode.Never, scenario.Machine.Thp[order]));
            seen.UnionWith(scenario.Operations.Select(operation => OperationText.KindName(operation)));
        }
        Assert.Equal(["madvise DONTNEED", "mmap", "thp", "write"], seen);
    }

    [Fact]
    public void A_system_that_can_do_one_thing_only_gets_scenarios_that_end()
    {
        Assert.Null(OperationSubset.Parse(["fork"], [0], out OperationSubset allowed));
        Scenario scenario = ScenarioGenerator.Draw(new RandomChoices(7), MachineChoice.Tiny, 100, allowed);
        Assert.All(scenario.Operations, operation => Assert.Equal(OperationKind.Fork, operation.Kind));
    }

    [Fact]
    public void Where_everything_is_allowed_nothing_changes()
    {
        Scenario plain = ScenarioGenerator.Draw(new RandomChoices(5), MachineChoice.Default, 50);
        Assert.Equal(plain, ScenarioGenerator.Draw(new RandomChoices(5), MachineChoice.Default, 50, OperationSubset.All));
        Assert.True(OperationSubset.All.IsComplete);
        Assert.Empty(OperationSubset.All.LeftOut);
    }
}
