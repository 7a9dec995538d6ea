using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>What to measure.</summary>
public sealed record BugMeasurementOptions
{
    /// <summary>One bug only; null for all.</summary>
    public string? Id { get; init; }

    /// <summary>Hunts for each bug, with seeds 1, 2, ...</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>How hard to look; the seed is not used.</summary>
    public HuntOptions Hunt { get; init; } = new();

    /// <summary>Most operations to apply to a reference alone, which is slow.</summary>
    public long AloneOperations { get; init; } = 20_000;

    /// <summary>Folder of recorded transcripts; null to leave them out.</summary>
    public string? Transcripts { get; init; }
}

/// <summary>Hunts planted bugs, one row after the other.</summary>
public sealed class BugMeasurement
{
    private readonly BugMeasurementOptions _options;
    private readonly Action<string> _progress;
    private readonly Lazy<RecordedCorpus?> _corpus;

    /// <summary>A measurement.</summary>
    /// <param name="options">What to measure.</param>
    /// <param name="progress">Told what is about to be done.</param>
    public BugMeasurement(BugMeasurementOptions options, Action<string> progress)
    {
        _options = options;
        _progress = progress;
        _corpus = new Lazy<RecordedCorpus?>(() => options.Transcripts is string folder ? new RecordedCorpus(folder) : null);
    }

    private IEnumerable<ulong> Seeds => Enumerable.Range(1, _options.Seeds).Select(seed => (ulong)seed);

    /// <summary>Hunts each bug with everything there is.</summary>
    public IEnumerable<BugRow> Bugs()
    {
        foreach (PlantedBug bug in PlantedBugs.All.Where(bug => _options.Id is null || bug.Id == _options.Id))
        {
            _progress(bug.Id);
            using CompiledBug compiled = bug.Compile();
            HuntResult[] hunts = [.. Seeds.Select(seed => BugHunt.Campaign(HuntedSystem.Of(compiled), Hunt(seed)))];
            yield return new BugRow(bug, hunts, bug.Layer == BugLayer.Reference ? Guards(compiled) : null);
        }
    }

    /// <summary>Lets each property hunt its own bug alone.</summary>
    public IEnumerable<PropertyRow> Properties()
    {
        foreach (Property property in Catalogue.All)
        {
            PlantedBug? bug = PropertyBugs.Of(property);
            if (_options.Id is not null && bug?.Id != _options.Id)
                continue;
            _progress(property.Title);
            using CompiledBug? compiled = bug?.Compile();
            HuntOptions options = Hunt(1) with { Operations = PropertyBugs.Budget };
            yield return new PropertyRow(property, bug, compiled is null ? null : BugHunt.Property(compiled.CreateObserved, property, options, bug!.Settings));
        }
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
}
