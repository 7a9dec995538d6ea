using System.Collections.Concurrent;

namespace FolioCheck.Properties;

/// <summary>How to explore.</summary>
/// <param name="Depth">Most operations after the start.</param>
/// <param name="Workers">Threads.</param>
public sealed record ExploreOptions(int Depth, int Workers)
{
    /// <summary>Whether states that differ by the names of processes 0 and 1 only are one. It takes for granted that names do not matter.</summary>
    public bool Mirrored { get; init; } = true;

    /// <summary>Which failures end the search; without it, all. A failure that does not count ends its way.</summary>
    public Func<Failure, bool> Counts { get; init; } = _ => true;
}

/// <summary>A failure for which no shorter scenario exists in the world.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Failure">How it fails.</param>
public sealed record ShortestFailure(Scenario Scenario, Failure Failure);

/// <summary>
/// Searches a small world to its end, breadth first: in every state every operation, each state once. So the first failure is a shortest one, and
/// when there is none, there is none at all up to the depth reached.
/// </summary>
/// <remarks>
/// A memory system cannot be copied, so a state is a shortest way to it: it is done again for each operation that is tried there, with all checks,
/// because some properties remember steps. States are taken from the frontier in blocks of a fixed size; threads share a block, and what they
/// found is looked at in the order of the block when all of it is done. So the result is the same for any number of threads.
/// </remarks>
public sealed class Explorer
{
    private const int BlockStates = 64;

    private readonly SmallWorld _world;
    private readonly ExploreOptions _options;
    private readonly ExploredSystem _system;
    private readonly ConcurrentBag<Probe> _probes = [];
    private readonly int _letters;

    /// <summary>An explorer of a world.</summary>
    /// <param name="world">The world.</param>
    /// <param name="system">What is explored in it.</param>
    /// <param name="options">How.</param>
    public Explorer(SmallWorld world, ExploredSystem system, ExploreOptions options)
    {
        _world = world;
        _system = system;
        _options = options;
        _letters = world.Alphabet.Count;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_letters, SmallWorld.MostLetters, nameof(world));
    }

    /// <summary>Explores until the depth is reached, something fails, or the caller wants it to end.</summary>
    /// <param name="exploration">Where to begin; it is brought forward.</param>
    /// <param name="pause">Asked after each block, and told when a depth is finished; true ends the search.</param>
    /// <returns>The shortest failure, or null.</returns>
    public ShortestFailure? Run(Exploration exploration, Func<bool> pause)
    {
        if (exploration.Depth < 0 && Begin(exploration) is ShortestFailure atOnce)
            return atOnce;
        while (exploration.Depth < _options.Depth && exploration.FrontierStates > 0)
        {
            while (exploration.Done < exploration.FrontierStates)
            {
                if (RunBlock(exploration) is ShortestFailure failure)
                    return failure;
                if (exploration.Done < exploration.FrontierStates && pause())
                    return null;
            }
            FinishDepth(exploration);
            if (pause())
                return null;
        }
        return null;
    }

    private ShortestFailure? Begin(Exploration exploration)
    {
        Scenario start = _world.Scenario([]);
        Arrival arrival = Rent().Run(start, 0);
        if (arrival.Failure is Failure failure)
            return new ShortestFailure(start, failure);
        exploration.Reached.Add(arrival.Name);
        exploration.Depths.Add(new ExploredDepth(0, 1, 0));
        return null;
    }

    private static void FinishDepth(Exploration exploration)
    {
        int depth = exploration.Depth + 1;
        exploration.Depths.Add(new ExploredDepth(depth, exploration.NextStates, exploration.Transitions));
        exploration.Frontier = exploration.Next;
        exploration.Next = [];
        exploration.Done = 0;
        exploration.Transitions = 0;
    }

    private ShortestFailure? RunBlock(Exploration exploration)
    {
        int depth = exploration.Depth;
        int count = Math.Min(BlockStates, exploration.FrontierStates - exploration.Done);
        byte[] ways = [.. exploration.Frontier.Slice(exploration.Done * depth, count * depth)];
        var arrivals = new Arrival[count * _letters];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Workers };
        Parallel.For(0, count, parallel, Rent, (state, _, probe) => Expand(probe, ways.AsSpan(state * depth, depth), arrivals.AsSpan(state * _letters, _letters)), _probes.Add);
        for (int i = 0; i < arrivals.Length; i++)
        {
            byte[] way = [.. ways.AsSpan(i / _letters * depth, depth), (byte)(i % _letters)];
            if (arrivals[i].Failure is not Failure failure)
            {
                if (exploration.Reached.Add(arrivals[i].Name))
                    exploration.Next.AddRange(way);
            }
            else if (_options.Counts(failure))
            {
                return new ShortestFailure(_world.Scenario(way), failure);
            }
        }
        exploration.Transitions += arrivals.Length;
        exploration.Done += count;
        return null;
    }

    private Probe Expand(Probe probe, ReadOnlySpan<byte> way, Span<Arrival> arrivals)
    {
        Span<byte> longer = stackalloc byte[way.Length + 1];
        way.CopyTo(longer);
        for (int letter = 0; letter < arrivals.Length; letter++)
        {
            longer[^1] = (byte)letter;
            arrivals[letter] = probe.Run(_world.Scenario(longer), _world.Start.Count + way.Length);
        }
        return probe;
    }

    private Probe Rent() => _probes.TryTake(out Probe? probe) ? probe : new Probe(_system, _options.Mirrored);
}
