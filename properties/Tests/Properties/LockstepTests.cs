using FolioCheck.Implementation;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using FsCheck;
using FsCheck.Xunit;
using Xunit;
using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>SPECIFICATION.md 13b, property 65: the implementation does what the reference does, after every operation; the reference refines abstract memory.</summary>
public sealed class LockstepTests(ITestOutputHelper output)
{
    private readonly LockstepRun _lockstep = new(OptimizedMemory.Create);

    [ScenarioProperty(MaxTest = 400)]
    public void Implementation_equals_reference(Scenario scenario) => Agree(scenario);

    [Property(MaxTest = 400, Replay = "77,1234567", Arbitrary = [typeof(TinyScenarios)])]
    public void Implementation_equals_reference_on_tiny_machines(Scenario scenario) => Agree(scenario);

    [Property(MaxTest = 20, Replay = "78,1234567", Arbitrary = [typeof(LargeScenarios)])]
    public void Implementation_equals_reference_on_large_machines(Scenario scenario) => Agree(scenario);

    /// <summary>One entry at a time is the same code with another limit: it must agree too.</summary>
    [ScenarioProperty(MaxTest = 150)]
    public void Implementation_equals_reference_one_entry_at_a_time(Scenario scenario) =>
        Agree(scenario with { Machine = scenario.Machine with { Batches = BatchPolicy.Singles } });

    [ScenarioProperty(MaxTest = 60)]
    public void Implementation_equals_reference_without_quirks(Scenario scenario) =>
        Agree(scenario with { Machine = scenario.Machine with { Quirks = Quirks.None } });

    /// <summary>Both take the same micro-steps in the same order, under both batch policies.</summary>
    [ScenarioProperty(MaxTest = 150)]
    public void Micro_steps_are_equal(Scenario scenario)
    {
        foreach (BatchPolicy policy in new[] { BatchPolicy.Kernel, BatchPolicy.Singles })
        {
            var expected = new List<MemoryEvent>();
            var found = new List<MemoryEvent>();
            Machine machine = scenario.Machine with { Batches = policy };
            IMemorySystem reference = ReferenceMemory.Create(machine, expected);
            IMemorySystem implementation = OptimizedMemory.Create(machine, found);
            foreach (Operation operation in scenario.Operations)
            {
                reference.Apply(operation);
                implementation.Apply(operation);
                Assert.True(expected.SequenceEqual(found), Difference(operation, expected, found));
                expected.Clear();
                found.Clear();
            }
        }
    }

    private static string Difference(Operation operation, List<MemoryEvent> expected, List<MemoryEvent> found)
    {
        int i = 0;
        while (i < expected.Count && i < found.Count && expected[i] == found[i])
            i++;
        string left = i < expected.Count ? expected[i].ToString() : "end";
        string right = i < found.Count ? found[i].ToString() : "end";
        return $"{OperationText.Line(operation)}: micro-step {i}: expected {left}, found {right}";
    }

    private void Agree(Scenario scenario)
    {
        if (_lockstep.Run(scenario) is not Failure failure)
            return;
        if (Environment.GetEnvironmentVariable("FOLIOCHECK_SHRINK") == "0")
            Assert.Fail(failure.Summary);
        var run = new LockstepRun(OptimizedMemory.Create);
        Scenario shrunk = Shrinker.Shrink(scenario, failure, run.Run);
        output.WriteLine(ScenarioText.Write(shrunk));
        Assert.Fail(FailureReport.Write(shrunk, run.Run(shrunk) ?? failure, OptimizedMemory.Create));
    }

    public static class TinyScenarios
    {
        public static Arbitrary<Scenario> Scenarios() => ScenarioArbitrary.Of(MachineChoice.Tiny);
    }

    public static class LargeScenarios
    {
        public static Arbitrary<Scenario> Scenarios() => ScenarioArbitrary.Of(MachineChoice.Large);
    }
}
