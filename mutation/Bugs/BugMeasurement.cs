using System.Runtime.ExceptionServices;
using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>What to measure.</summary>
public sealed record BugMeasurementOptions
{
    /// <summary>One bug only, or several with commas between them; null for all.</summary>
    public string? Id { get; init; }

    /// <summary>Hunts for each bug, with seeds 1, 2, ...</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>How hard to look; the seed is not used.</summary>
    public HuntOptions Hunt { get; init; } = new();

    /// <summary>Most operations to apply to a reference alone, which is slow.</summary>
    public long AloneOperations { get; init; } = 20_000;

    /// <summary>Folder of recorded transcripts; null to leave them out.</summary>
    public string? Transcripts { get; init; }

    /// <summary>Threads; they change nothing but the time.</summary>
    public int Workers { get; init; } = 1;
}

/// <summary>Hunts planted bugs, several at the same time; rows come in the order of the bugs.</summary>
public sealed class BugMeasurement
{
    private readonly BugMeasurementOptions _options;
    private readonly Action<string> _progress;
    private readonly Lazy<RecordedCorpus?> _corpus;

    /// <summary>A measurement.</summary>
    /// <param name="options">What to measure.</param>
    /// <param name="progress">Told what was done, and how much of how much.</param>
    public BugMeasurement(BugMeasurementOptions options, Action<string> progress)
    {
        _options = options;
        _progress = progress;
        _corpus = new Lazy<RecordedCorpus?>(() => options.Transcripts is string folder ? new RecordedCorpus(folder) : null);
    }

    private IEnumerable<ulong> Seeds => Enumerable.Range(1, _options.Seeds).Select(seed => (ulong)seed);

    /// <summary>Hunts each bug with everything there is.</summary>
    public IReadOnlyList<BugRow> Bugs() =>
        Each([.. PlantedBugs.All.Where(bug => IsWanted(bug.Id))], row => $"{row.Bug.Id}: {row.Caught} of {row.Hunts.Count} caught, median {row.MedianOperations}, worst {row.WorstOperations}", Measure);

    /// <summary>Lets each property hunt its own bug alone.</summary>
    public IReadOnlyList<PropertyRow> Properties() =>
        Each([.. Catalogue.All.Where(property => IsWanted(PropertyBugs.Of(property)?.Id))], row => row.Property.Title, Measure);

    private bool IsWanted(string? bug) => _options.Id is null || _options.Id.Split(',').Contains(bug);

    private BugRow Measure(PlantedBug bug)
    {
        using CompiledBug compiled = bug.Compile();
        HuntResult[] hunts = [.. Seeds.Select(seed => BugHunt.Campaign(HuntedSystem.Of(compiled), Hunt(seed)))];
        return new BugRow(bug, hunts, bug.Layer == BugLayer.Reference ? Guards(compiled) : null);
    }

    private PropertyRow Measure(Property property)
    {
        PlantedBug? bug = PropertyBugs.Of(property);
        using CompiledBug? compiled = bug?.Compile();
        HuntOptions options = Hunt(1) with { Operations = PropertyBugs.Budget };
        return new PropertyRow(property, bug, compiled is null ? null : BugHunt.Property(compiled.CreateObserved, property, options, bug!.Settings));
    }

    private ReferenceGuards Guards(CompiledBug bug)
    {
        HuntOptions options = Hunt(1) with { Shrink = false, Operations = _options.AloneOperations };
        HuntedSystem alone = HuntedSystem.Alone(bug);
        HuntResult properties = BugHunt.Campaign(alone, options, BugHunt.IsOfProperty);
        HuntResult values = BugHunt.Values(alone, options);
        return new ReferenceGuards(properties, values, _corpus.Value is RecordedCorpus corpus ? corpus.Disagreement(bug.Create) : "");
    }

    private HuntOptions Hunt(ulong seed) => _options.Hunt with { Seed = seed, Shrink = _options.Hunt.Shrink && seed == 1 };

    /// <summary>Works on all items, as many at a time as there are workers.</summary>
    private TRow[] Each<TItem, TRow>(IReadOnlyList<TItem> items, Func<TRow, string> words, Func<TItem, TRow> work)
    {
        var rows = new TRow[items.Count];
        int next = -1;
        int done = 0;
        var telling = new Lock();
        try
        {
            Parallel.For(0, _options.Workers, new ParallelOptions { MaxDegreeOfParallelism = _options.Workers }, _ => Work());
        }
        catch (AggregateException thrown)
        {
            ExceptionDispatchInfo.Throw(thrown.InnerExceptions[0]);
        }
        return rows;

        void Work()
        {
            for (int i = Interlocked.Increment(ref next); i < items.Count; i = Interlocked.Increment(ref next))
            {
                rows[i] = work(items[i]);
                lock (telling)
                    _progress(FormattableString.Invariant($"{++done} of {items.Count}, {words(rows[i])}"));
            }
        }
    }
}
