using System.Diagnostics;
using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>How hard to look.</summary>
public sealed record LengthOptions
{
    /// <summary>One bug only; null for all.</summary>
    public string? Id { get; init; }

    /// <summary>Depth to which shortest scenarios are searched.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>Threads of that search.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Operations of random walks in each world.</summary>
    public long Operations { get; init; } = 6_000;

    /// <summary>How long to wait for one bug, whose loops may be endless.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>
/// Meets planted bugs on random walks through small worlds, shrinks the walks, and searches the same worlds for the shortest scenario that fails in the
/// same check and field: what the shrinker reaches beside what can be reached.
/// </summary>
public sealed class LengthMeasurement
{
    /// <summary>Operations of a walk: long enough that there is something to shrink.</summary>
    private const int WalkLength = 60;

    private readonly LengthOptions _options;
    private readonly Action<string> _progress;

    /// <summary>A measurement.</summary>
    /// <param name="options">How hard to look.</param>
    /// <param name="progress">Told what is about to be done.</param>
    public LengthMeasurement(LengthOptions options, Action<string> progress)
    {
        _options = options;
        _progress = progress;
    }

    /// <summary>Measures the bugs, one after the other.</summary>
    public IEnumerable<LengthRow> Rows()
    {
        foreach (PlantedBug bug in PlantedBugs.All.Where(bug => _options.Id is null || bug.Id == _options.Id))
        {
            _progress(bug.Id);
            using CompiledBug compiled = bug.Compile();
            HuntedSystem system = HuntedSystem.Of(compiled);
            ShortenedFailure? found = null;
            TimeLimit.Run(() => found = Measure(system), _options.TimeLimit);
            yield return new LengthRow(bug, found);
        }
    }

    private ShortenedFailure? Measure(HuntedSystem system)
    {
        var lockstep = new LockstepRun(system.Tested, Catalogue.All, system.Reference);
        foreach (SmallWorld world in SmallWorlds.All)
        {
            if (Walk(world, lockstep) is not (Scenario walk, Failure failure))
                continue;
            var clock = Stopwatch.StartNew();
            Scenario shrunk = Shrinker.Shrink(walk, failure, lockstep.Run);
            TimeSpan time = clock.Elapsed;
            Scenario byFsCheck = FsCheckShrinking.Shrink(walk, world.Start.Count, failure, lockstep.Run);
            return new ShortenedFailure(world, failure, walk, shrunk, byFsCheck, Shortest(world, system, failure), time);
        }
        return null;
    }

    /// <summary>Walks until one fails.</summary>
    private (Scenario Walk, Failure Failure)? Walk(SmallWorld world, LockstepRun lockstep)
    {
        for (long number = 0; number * WalkLength < _options.Operations; number++)
        {
            Scenario walk = world.Walk(new RandomChoices((ulong)number), WalkLength);
            if (lockstep.Run(walk) is Failure failure)
                return (walk, failure);
        }
        return null;
    }

    /// <summary>Process numbers count here, so that the search takes nothing for granted that a bug may break.</summary>
    private Scenario? Shortest(SmallWorld world, HuntedSystem system, Failure wanted)
    {
        var explored = new ExploredSystem(system.Tested) { Reference = system.Reference, Ignored = ImplementationState.Ignored };
        var options = new ExploreOptions(_options.Depth, _options.Workers) { Mirrored = false, Counts = wanted.IsLike };
        return new Explorer(world, explored, options).Run(new Exploration(), () => false)?.Scenario;
    }
}
