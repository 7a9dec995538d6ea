using FolioCheck.Implementation;
using FolioCheck.Kernel;
using FolioCheck.Properties.Tests.Examples;
using FolioCheck.Properties.Tests.Kernel;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>
/// What every mutant meets first, in about a second: lockstep with all invariants and step properties, micro-steps, examples, and some transcripts.
/// Scenarios are drawn without FsCheck, which would cost each mutant's fresh process its own start; nothing is shrunk. A mutant that
/// survives this meets the long suite.
/// </summary>
public sealed class MutationSuiteTests
{
    [Theory]
    [InlineData(MachineChoice.Default, 60)]
    [InlineData(MachineChoice.Tiny, 60)]
    [InlineData(MachineChoice.Large, 8)]
    public void Scenarios_hold(MachineChoice machines, int cases)
    {
        var lockstep = new LockstepRun(OptimizedMemory.Create, Catalogue.All);
        foreach (Scenario scenario in Draw(machines, cases))
            Assert.Null(lockstep.Run(scenario)?.Summary);
    }

    /// <summary>One entry at a time, and without what the kernel does by mistake: the other branches of the same code.</summary>
    [Fact]
    public void Scenarios_hold_one_entry_at_a_time_and_without_quirks()
    {
        var lockstep = new LockstepRun(OptimizedMemory.Create, Catalogue.All);
        foreach (Scenario scenario in Draw(MachineChoice.Default, 20))
        {
            Machine machine = scenario.Machine with { Batches = BatchPolicy.Singles, Quirks = Quirks.None };
            Assert.Null(lockstep.Run(scenario with { Machine = machine })?.Summary);
        }
    }

    [Fact]
    public void Micro_steps_are_equal()
    {
        foreach (Scenario scenario in Draw(MachineChoice.Default, 20))
        {
            var expected = new List<MemoryEvent>();
            var found = new List<MemoryEvent>();
            IMemorySystem reference = ReferenceMemory.Create(scenario.Machine, expected);
            IMemorySystem implementation = OptimizedMemory.Create(scenario.Machine, found);
            foreach (Operation operation in scenario.Operations)
            {
                reference.Apply(operation);
                implementation.Apply(operation);
            }
            Assert.Equal(expected, found);
        }
    }

    /// <summary>One test for all, since Stryker starts a process for each test to see what it covers.</summary>
    [Fact]
    public void Examples_hold()
    {
        var examples = new ExampleScenarioTests();
        foreach (string file in ExampleScenarioTests.Files)
            examples.Holds_on_both_models(file);
    }

    [Theory]
    [InlineData("cow-5")]
    [InlineData("mthp-4")]
    [InlineData("partial-4")]
    [InlineData("pin-5")]
    [InlineData("prot-4")]
    public void Transcripts_agree(string name)
    {
        foreach (MemorySystemFactory create in new MemorySystemFactory[] { ReferenceMemory.Create, OptimizedMemory.Create })
        {
            ReplayResult result = TranscriptReplay.Run(RecordedTranscripts.PathOf(name), create);
            Assert.False(result.Stop is ReplayStop.Differs, result.Stop.ToString());
        }
    }

    /// <summary>A fixed number of scenarios, sizes from small to large.</summary>
    private static IEnumerable<Scenario> Draw(MachineChoice machines, int cases) =>
        Enumerable.Range(1, cases).Select(i => ScenarioGenerator.Draw(new RandomChoices((ulong)i), machines, 100 * i / cases));
}
