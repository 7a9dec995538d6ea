using FolioCheck.Implementation;
using FolioCheck.Mutation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Explore;

/// <summary>Exhaustive search of small worlds.</summary>
public sealed class ExplorerTests
{
    private static readonly ExploredSystem _sound = new(OptimizedMemory.Create) { Ignored = ImplementationState.Ignored };

    private static Exploration Explore(ExploredSystem system, ExploreOptions options, out ShortestFailure? failure)
    {
        var exploration = new Exploration();
        failure = new Explorer(SmallWorlds.Core, system, options).Run(exploration, () => false);
        return exploration;
    }

    [Fact]
    public void The_implementation_holds_and_any_number_of_workers_finds_the_same()
    {
        Exploration one = Explore(_sound, new ExploreOptions(2, 1), out ShortestFailure? failure);
        Assert.Null(failure);
        Exploration three = Explore(_sound, new ExploreOptions(2, 3), out _);
        Assert.Equal(one.Depths, three.Depths);
        Assert.Equal(one.Frontier, three.Frontier);
        Assert.Equal(one.Reached, three.Reached);
        Assert.Equal(40 * one.Depths[1].States, one.Depths[2].Transitions);
    }

    [Fact]
    public void States_that_differ_by_the_names_of_processes_are_one()
    {
        Exploration named = Explore(_sound, new ExploreOptions(2, 2) { Mirrored = false }, out _);
        Exploration mirrored = Explore(_sound, new ExploreOptions(2, 2), out _);
        Assert.InRange(mirrored.Reached.Count, named.Reached.Count / 2, named.Reached.Count - 1);
    }

    /// <summary>Nothing shows that it counts the calls of mprotect that change nothing; the third operation behind two of them goes wrong.</summary>
    private sealed class Sleeper(IMemorySystem sound) : IMemorySystem
    {
        private int _slept;

        public Outcome Apply(in Operation operation)
        {
            if (operation == Operation.Mprotect(0, 0, 8, Protection.Read | Protection.Write) && ++_slept == 3)
                return Outcome.Error(Errno.EINVAL);
            return sound.Apply(operation);
        }

        public void Observe(Observation observation) => sound.Observe(observation);
    }

    [Fact]
    public void Finds_what_hides_behind_an_observation()
    {
        var system = new ExploredSystem(machine => new Sleeper(OptimizedMemory.Create(machine))) { Ignored = ImplementationState.Ignored };
        // It is not the same for both processes.
        var options = new ExploreOptions(3, 2) { Mirrored = false };
        Explore(system, options, out ShortestFailure? failure);
        Assert.Equal(4, failure!.Scenario.Operations.Count);
        Assert.Equal("outcome", failure.Failure.Field);
        // What is left out of the state is not followed.
        ExploredSystem blind = system with { Ignored = new HashSet<string>(ImplementationState.Ignored) { "Sleeper._slept" } };
        Explore(blind, options, out ShortestFailure? unseen);
        Assert.Null(unseen);
    }

    [Fact]
    public void A_failure_that_does_not_count_ends_its_way_only()
    {
        using CompiledBug bug = PlantedBugs.Find("fork-references-by-calls")!.Compile();
        var system = new ExploredSystem(bug.Create) { Ignored = ImplementationState.Ignored };
        Explore(system, new ExploreOptions(2, 2), out ShortestFailure? shortest);
        Assert.Equal(2 + SmallWorlds.Core.Start.Count, shortest!.Scenario.Operations.Count);
        Explore(system, new ExploreOptions(2, 2) { Counts = _ => false }, out ShortestFailure? none);
        Assert.Null(none);
    }

    [Fact]
    public void Goes_on_where_it_was_stopped()
    {
        var explorer = new Explorer(SmallWorlds.Core, _sound, new ExploreOptions(3, 2));
        var stopped = new Exploration();
        // Within the third depth, which takes several blocks.
        explorer.Run(stopped, () => stopped.Depth == 2 && stopped.Done > 0);
        Assert.InRange(stopped.Done, 1, stopped.FrontierStates - 1);
        Exploration read = ExplorationFile.Read("x", ExplorationFile.Write(stopped, "subject"), "subject");
        explorer.Run(read, () => false);
        Exploration straight = Explore(_sound, new ExploreOptions(3, 2), out _);
        Assert.Equal(straight.Depths, read.Depths);
        Assert.Equal(straight.Reached, read.Reached);
        Assert.Equal(straight.Frontier, read.Frontier);
    }

    [Fact]
    public void A_file_that_is_cut_off_or_of_something_else_is_refused()
    {
        byte[] bytes = ExplorationFile.Write(Explore(_sound, new ExploreOptions(1, 1), out _), "subject");
        Assert.Throws<BadInputException>(() => ExplorationFile.Read("x", bytes, "another subject"));
        Assert.Throws<BadInputException>(() => ExplorationFile.Read("x", bytes[..^9], "subject"));
        Assert.Throws<BadInputException>(() => ExplorationFile.Read("x", [], "subject"));
        bytes[^40] ^= 1;
        Assert.Throws<BadInputException>(() => ExplorationFile.Read("x", bytes, "subject"));
    }
}
