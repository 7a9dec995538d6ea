using System.Text.RegularExpressions;
using FolioCheck.Kernel;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>Holds the live kernel and a model against each other, operation by operation, as the replay of a transcript does.</summary>
public sealed partial class LiveLockstep
{
    private readonly LiveKernel _kernel;
    private readonly MemorySystemFactory _model;
    private readonly Observation _before = new();
    private readonly Observation _after = new();

    /// <summary>Makes one.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="model">The model; without it, the reference.</param>
    public LiveLockstep(LiveKernel kernel, MemorySystemFactory? model = null)
    {
        _kernel = kernel;
        _model = model ?? ReferenceMemory.Create;
    }

    /// <summary>What was done so far.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Fields compared so far.</summary>
    public long Fields { get; private set; }

    private bool Admits(Scenario scenario) =>
        LiveScope.Admits(scenario.Machine) && scenario.Operations.All(operation => _kernel.Scope.Admits(operation));

    /// <summary>Runs a scenario to its end or to the first difference; nothing if the kernel cannot be given it.</summary>
    public Failure? Run(Scenario scenario) => Admits(scenario) ? Compare(scenario) : null;

    /// <summary>Runs a scenario, or says that the kernel cannot be given it.</summary>
    /// <returns>False if the kernel cannot be given it.</returns>
    public bool TryReplay(Scenario scenario, out Failure? failure)
    {
        bool can = Admits(scenario);
        failure = can ? Compare(scenario) : null;
        return can;
    }

    private Failure? Compare(Scenario scenario)
    {
        _kernel.Begin(scenario.Machine);
        ComparisonProfile profile = _kernel.HugeZeroPageIsThere ? _kernel.Profile.WithForeignZeroPage() : _kernel.Profile;
        profile = HasAlways(scenario) ? profile.WithForeignFolios() : profile;
        var comparison = new RecordComparison(profile);
        var transcriber = new Transcriber(scenario.Machine.Quirks);
        IMemorySystem model = _model(scenario.Machine);
        Observe(model, _before);
        transcriber.Begin(_before);
        for (int i = 0; i < scenario.Operations.Count; i++)
        {
            Operation operation = scenario.Operations[i];
            TranscriptRecord record = _kernel.Apply(operation);
            Outcome outcome = Untold.Apply(model, operation);
            Observe(model, _after);
            (IReadOnlyDictionary<string, long> deltas, RecordedState state) = transcriber.Next(_after);
            record = record with { Deltas = Untold.Told(operation, record.Deltas) };
            comparison.Compare(record, RecordedOutcome.Of(operation, outcome), Untold.Told(operation, deltas), state);
            if (comparison.Differences is [var first, ..])
                return Differs(i, operation, first);
            Tally.Count(operation, outcome, !_before.SameAs(_after), MappedPages(state));
            Observe(model, _before);
        }
        Fields += comparison.Fields;
        return null;
    }

    private static void Observe(IMemorySystem model, Observation observation)
    {
        observation.Clear();
        model.Observe(observation);
    }

    /// <summary>Whether every program of the machine gets large folios at some time.</summary>
    private static bool HasAlways(Scenario scenario) =>
        scenario.Machine.Thp.Global == ThpMode.Always
        || Enumerable.Range(0, Machine.LargestPmdOrder + 1).Any(order => scenario.Machine.Thp[order] == ThpMode.Always)
        || scenario.Operations.Any(operation => operation.Kind == OperationKind.SetThp && operation.Mode == ThpMode.Always);

    private static long MappedPages(RecordedState state) =>
        state.Processes.Sum(process => process.Vmas.Sum(vma => vma.Runs.Where(run => run.Kind == 'M').Sum(run => run.Count)));

    private static Failure Differs(int step, in Operation operation, FieldDifference difference) =>
        new("live kernel", Numbers().Replace(difference.Path, ""), step, operation, difference.Path, difference.Model, difference.Kernel);

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Numbers();
}
