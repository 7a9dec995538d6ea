using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>How a <see cref="Campaign"/> ended.</summary>
/// <param name="Cases">Cases run.</param>
/// <param name="Scenario">The failing scenario as it was drawn; null if everything held.</param>
/// <param name="Failure">How it failed.</param>
public sealed record CampaignResult(long Cases, Scenario? Scenario, Failure? Failure)
{
    /// <summary>Number of the failing case among those of all shards, from 0.</summary>
    public long FailedCase { get; init; }
}

/// <summary>
/// Runs random scenarios: lockstep and all invariants and step properties on each, one law on each in turn, one in twenty twice, and the micro-steps of one in ten. Cases come in blocks;
/// several workers may share a block, and the figures are the same however many they are.
/// </summary>
public sealed class Campaign
{
    private readonly SystemUnderTest _system;
    private CaseRunner? _single;

    /// <summary>A campaign against one system, which shows everything and can do everything.</summary>
    public Campaign(MemorySystemFactory tested)
        : this(new SystemUnderTest(tested))
    {
    }

    /// <summary>A campaign against one system.</summary>
    public Campaign(SystemUnderTest system) => _system = system;

    /// <summary>What was done so far.</summary>
    public Figures Figures { get; private set; } = new();

    /// <summary>How often each property's premise held so far.</summary>
    public IEnumerable<(Property Property, long Held)> Premises =>
        _system.Properties.OrderBy(property => property.Number)
            .Select(property => (property, Figures.Premises.GetValueOrDefault(property.Number)));

    /// <summary>Runs until the cases are done, the time is over, something fails or the caller cancels.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="elapsed">Time since the start.</param>
    /// <param name="progress">Told the cases done so far, after each block.</param>
    /// <param name="cancellation">Ends the run; the block at hand counts for nothing then.</param>
    /// <param name="checkpoint">Where to begin, and who is told where to go on from; null for a run that begins at the beginning.</param>
    public CampaignResult Run(
        CampaignOptions options, Func<TimeSpan> elapsed, Action<long> progress, CancellationToken cancellation, CampaignCheckpoint? checkpoint = null)
    {
        checkpoint ??= new CampaignCheckpoint(new Guide(options.Machines, _system.Operations));
        Figures = checkpoint.Figures;
        Guide? guide = options.Guided ? checkpoint.Guide : null;
        var source = new CaseSource(options, _system.Operations, guide);
        while (checkpoint.NextBlock * CaseSource.BlockCases < options.Target)
        {
            if (options.Time is TimeSpan time && elapsed() >= time || cancellation.IsCancellationRequested)
                break;
            long first = checkpoint.NextBlock * CaseSource.BlockCases;
            if (options.Shard.Has(checkpoint.NextBlock))
            {
                var block = new CaseBlock(_system, source.Draw(checkpoint.NextBlock, (int)Math.Min(CaseSource.BlockCases, options.Target - first)), first);
                if (!block.Run(options.Workers, cancellation))
                    break;
                Figures.Add(block.Figures);
                if (block.Failure is Failure failure)
                    return new CampaignResult(Figures.Cases, block.FailingScenario, failure) { FailedCase = first + block.FailedAt };
                if (guide is not null)
                    block.Teach(guide);
            }
            checkpoint.NextBlock++;
            if (!options.Shard.Has(checkpoint.NextBlock - 1))
                continue;
            progress(Figures.Cases);
            checkpoint.BlockDone();
        }
        return new CampaignResult(Figures.Cases, null, null);
    }

    /// <summary>Runs one scenario as a campaign does: all checks and the law that this case's turn names.</summary>
    public Failure? RunCase(Scenario scenario, int law) => (_single ??= new CaseRunner(_system)).Run(scenario, law, twice: false);

    /// <summary>Runs one scenario as a campaign does that which showed a failure: twice, or with its micro-steps, where only that shows it.</summary>
    public Failure? RunCaseLike(Failure failure, Scenario scenario, int law) =>
        (_single ??= new CaseRunner(_system)).Run(scenario, law, failure.Check == CaseRunner.Determinism, TraceRun.Finds(failure));

    /// <summary>Runs one scenario with every check but laws: they hold only for scenarios as they are drawn.</summary>
    public Failure? RunWithoutLaws(Scenario scenario) => (_single ??= new CaseRunner(_system)).RunWithoutLaws(scenario);

    /// <summary>Runs one scenario with every check there is: a saved one, of which nobody knows which law it once broke.</summary>
    public Failure? RunWithEveryLaw(Scenario scenario) => (_single ??= new CaseRunner(_system)).RunWithEveryLaw(scenario);
}
