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

    [Fact]
    public void Keeps_smaller_scenarios_only_and_ends_at_a_fixpoint()
    {
        Scenario scenario = FailingScenario(out Failure failure);
        var size = new ScenarioSize(scenario);
        int kept = 0;
        ShrinkResult result = Shrinker.Run(scenario, failure, candidate =>
        {
            if (ChildWrites(candidate) is not Failure found)
                return null;
            var smaller = new ScenarioSize(candidate);
            Assert.True(smaller.IsSmallerThan(size));
            size = smaller;
            kept++;
            return found;
        });
        Assert.Equal(kept, result.Passes.Sum(pass => pass.Kept));
        Assert.All(Shrinker.Run(result.Scenario, failure, ChildWrites).Passes, pass => Assert.Equal(0, pass.Kept));
    }

    [Fact]
    public void Tells_what_each_pass_did()
    {
        int runs = 0;
        ShrinkResult result = Shrinker.Run(FailingScenario(out Failure failure), failure, candidate =>
        {
            runs++;
            return ChildWrites(candidate);
        });
        Assert.Equal(Shrinker.Passes, result.Passes.Select(pass => pass.Name));
        Assert.Equal(runs, result.Runs);
        Assert.False(result.BudgetSpent);
        Assert.True(result.Passes.Single(pass => pass.Name == "chunks").Kept > 0);
        Assert.True(result.Passes.Single(pass => pass.Name == "orders and policies").Kept > 0);
        Assert.True(Shrinker.Run(FailingScenario(out failure), failure, ChildWrites, budget: 3).BudgetSpent);
    }

    /// <summary>Fails when pages 0 and 6 were both written, however that was done.</summary>
    private static Failure? TwoPagesWritten(Scenario scenario)
    {
        bool[] written = new bool[7];
        foreach (Operation operation in scenario.Operations)
        {
            for (int page = 0; page < written.Length; page++)
                written[page] |= operation.Kind is OperationKind.Write or OperationKind.WriteRange && operation.Address <= page && page < operation.End;
        }
        return written[0] && written[6] ? new Failure("test", "written", scenario.Operations.Count - 1, default, "", "", "") : null;
    }

    [Fact]
    public void Lets_one_operation_do_the_work_of_two()
    {
        var scenario = new Scenario(new Machine(), [Operation.Write(0, 0, 5), Operation.Exit(3), Operation.Write(0, 6, 5)]);
        Scenario shrunk = Shrinker.Shrink(scenario, TwoPagesWritten(scenario)!, TwoPagesWritten);
        Assert.Equal([Operation.WriteRange(0, 0, 7, 1)], shrunk.Operations);
    }

    [Fact]
    public void Sets_a_policy_from_the_start_instead_of_in_the_middle()
    {
        static Failure? Run(Scenario scenario) =>
            scenario.Machine.Thp[2] != ThpMode.Never || scenario.Operations.Any(operation => operation.Kind == OperationKind.SetThp && operation.Order == 2)
                ? new Failure("test", "order", Math.Max(0, scenario.Operations.Count - 1), default, "", "", "")
                : null;
        var scenario = new Scenario(new Machine(), [Operation.Read(0, 1), Operation.SetThp(2, ThpMode.Madvise), Operation.Read(0, 2)]);
        Scenario shrunk = Shrinker.Shrink(scenario, Run(scenario)!, Run);
        Assert.Empty(shrunk.Operations);
        Assert.Equal(ThpMode.Always, shrunk.Machine.Thp[2]);
    }

    [Fact]
    public void Resolves_operands_that_name_more_than_there_is()
    {
        static Failure? Run(Scenario scenario) => scenario.Operations is [{ Kind: OperationKind.Mmap, Length: 8 }, { Kind: OperationKind.Madvise, Length: >= 8 }]
            ? new Failure("test", "advice", 1, default, "", "", "")
            : null;
        var scenario = new Scenario(new Machine(), [Operation.Mmap(0, 16, 8), Operation.Madvise(0, 3, 400, Advice.Free)]);
        ShrinkResult result = Shrinker.Run(scenario, Run(scenario)!, Run);
        Assert.Equal(8, result.Scenario.Operations[1].Length);
        Assert.Equal(new PassStatistics("resolve operands", 1, 1), result.Passes.Single(pass => pass.Name == "resolve operands") with { Tried = 1 });
    }
}
