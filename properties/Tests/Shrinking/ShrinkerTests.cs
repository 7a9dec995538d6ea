using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Shrinking;

/// <summary>Shrinking ends, is deterministic, and keeps the same failure.</summary>
public sealed class ShrinkerTests
{
    /// <summary>Fails when a child writes, whatever else there is.</summary>
    private static Failure? ChildWrites(Scenario scenario)
    {
        var forked = new HashSet<int>();
        for (int i = 0; i < scenario.Operations.Count; i++)
        {
            Operation operation = scenario.Operations[i];
            if (operation.Kind == OperationKind.Fork)
                forked.Add(operation.Child);
            if (operation.Kind == OperationKind.Write && forked.Contains(operation.Process))
                return new Failure("test", "write", i, operation, "", "", "");
        }
        return null;
    }

    private static Scenario FailingScenario(out Failure failure)
    {
        for (ulong seed = 0; ; seed++)
        {
            Scenario scenario = ScenarioGenerator.Draw(new RandomChoices(seed), MachineChoice.Default, 90);
            if (ChildWrites(scenario) is not Failure found || found.Step < 20 || found.Operation.Address < 0)
                continue;
            failure = found;
            return scenario;
        }
    }

    [Fact]
    public void Shrinks_to_the_two_operations_that_matter()
    {
        Scenario shrunk = Shrinker.Shrink(FailingScenario(out Failure failure), failure, ChildWrites);
        Assert.Equal([Operation.Fork(0, 0), Operation.Write(0, 0, 0)], shrunk.Operations.Select(operation => operation with { Value = 0 }));
        Assert.Equal(8, shrunk.Machine.EntriesPerTable);
        Assert.Equal(ThpPolicy.Off.With(Operation.GlobalOrder, shrunk.Machine.Thp.Global), shrunk.Machine.Thp);
    }

    [Fact]
    public void Is_deterministic()
    {
        Scenario scenario = FailingScenario(out Failure failure);
        Assert.Equal(Shrinker.Shrink(scenario, failure, ChildWrites), Shrinker.Shrink(scenario, failure, ChildWrites));
    }

    [Fact]
    public void Keeps_to_its_budget()
    {
        int runs = 0;
        Scenario scenario = FailingScenario(out Failure failure);
        Scenario shrunk = Shrinker.Shrink(scenario, failure, candidate =>
        {
            runs++;
            return ChildWrites(candidate);
        }, budget: 10);
        Assert.InRange(runs, 1, 11);
        Assert.NotNull(ChildWrites(shrunk));
    }

    [Fact]
    public void Does_not_slip_to_another_failure()
    {
        // Every scenario of two operations or fewer fails differently: the shrinker must stop above that.
        static Failure? Run(Scenario scenario) => scenario.Operations.Count <= 2
            ? new Failure("test", "other", 0, default, "", "", "")
            : new Failure("test", "wanted", scenario.Operations.Count - 1, default, "", "", "");
        Scenario scenario = FailingScenario(out _);
        Assert.Equal(3, Shrinker.Shrink(scenario, Run(scenario)!, Run).Operations.Count);
    }
}
