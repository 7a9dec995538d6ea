using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>How often each thing happened that costs time: faults, raw events of descriptors and invalidations (SPECIFICATION.md 17.28).</summary>
public readonly record struct EventCounts
{
    /// <summary>Faults that the kernel was asked to handle.</summary>
    public long Faults { get; init; }

    /// <summary>Descriptors read.</summary>
    public long Reads { get; init; }

    /// <summary>Descriptors stored.</summary>
    public long Stores { get; init; }

    /// <summary>Descriptors exchanged or changed atomically.</summary>
    public long Exchanges { get; init; }

    /// <summary>Blocks folded when their last entry was set.</summary>
    public long Folds { get; init; }

    /// <summary>Blocks set folded from the start.</summary>
    public long SetFolded { get; init; }

    /// <summary>Blocks unfolded.</summary>
    public long Unfolds { get; init; }

    /// <summary>Folded blocks cleared whole.</summary>
    public long ClearedFolded { get; init; }

    /// <summary>Invalidations of one page.</summary>
    public long PageInvalidations { get; init; }

    /// <summary>Invalidations of one contiguous-PTE block.</summary>
    public long BlockInvalidations { get; init; }

    /// <summary>Invalidations of any other range.</summary>
    public long RangeInvalidations { get; init; }

    /// <summary>Invalidations of a whole address space.</summary>
    public long FullInvalidations { get; init; }

    /// <summary>Every count with its name, in the order in which they are shown.</summary>
    public static IReadOnlyList<(string Name, Func<EventCounts, long> Of)> Kinds { get; } =
    [
        ("faults", counts => counts.Faults), ("reads", counts => counts.Reads), ("stores", counts => counts.Stores), ("exchanges", counts => counts.Exchanges),
        ("folds", counts => counts.Folds), ("set folded", counts => counts.SetFolded), ("unfolds", counts => counts.Unfolds), ("cleared folded", counts => counts.ClearedFolded),
        ("page invalidations", counts => counts.PageInvalidations), ("block invalidations", counts => counts.BlockInvalidations),
        ("range invalidations", counts => counts.RangeInvalidations), ("full invalidations", counts => counts.FullInvalidations),
    ];

    /// <summary>Counts micro-steps.</summary>
    /// <param name="events">The micro-steps.</param>
    /// <param name="machine">Where they happened: it says how large a block is.</param>
    public static EventCounts Of(IEnumerable<MemoryEvent> events, Machine machine) =>
        events.Aggregate(default(EventCounts), (sum, step) => sum + Of(step, machine));

    /// <summary>Both together.</summary>
    public static EventCounts operator +(EventCounts one, EventCounts other) => new()
    {
        Faults = one.Faults + other.Faults,
        Reads = one.Reads + other.Reads,
        Stores = one.Stores + other.Stores,
        Exchanges = one.Exchanges + other.Exchanges,
        Folds = one.Folds + other.Folds,
        SetFolded = one.SetFolded + other.SetFolded,
        Unfolds = one.Unfolds + other.Unfolds,
        ClearedFolded = one.ClearedFolded + other.ClearedFolded,
        PageInvalidations = one.PageInvalidations + other.PageInvalidations,
        BlockInvalidations = one.BlockInvalidations + other.BlockInvalidations,
        RangeInvalidations = one.RangeInvalidations + other.RangeInvalidations,
        FullInvalidations = one.FullInvalidations + other.FullInvalidations,
    };

    private static EventCounts Of(in MemoryEvent step, Machine machine) => step.Kind switch
    {
        EventKind.Faulted => new() { Faults = step.Count },
        EventKind.PteRead => new() { Reads = step.Count },
        EventKind.PteStored => new() { Stores = step.Count },
        EventKind.PteExchanged => new() { Exchanges = step.Count },
        EventKind.Folded => new() { Folds = 1 },
        EventKind.SetFolded => new() { SetFolded = 1 },
        EventKind.Unfolded => new() { Unfolds = 1 },
        EventKind.ClearedFolded => new() { ClearedFolded = 1 },
        EventKind.Flushed when step.Count == 0 => new() { FullInvalidations = 1 },
        EventKind.Flushed when step.Count == 1 => new() { PageInvalidations = 1 },
        EventKind.Flushed when step.Count == machine.ContPteEntries => new() { BlockInvalidations = 1 },
        EventKind.Flushed => new() { RangeInvalidations = 1 },
        _ => default,
    };
}
