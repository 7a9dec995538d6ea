using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>How a <see cref="LiveCampaign"/> ended.</summary>
/// <param name="Cases">Scenarios run.</param>
/// <param name="Scenario">The differing scenario as it was drawn; null if there was none.</param>
/// <param name="Failure">How it differs.</param>
public sealed record LiveResult(long Cases, Scenario? Scenario, Failure? Failure);

/// <summary>
/// Random scenarios on the live kernel. A difference counts when it is there again, the same, in every further run of the same scenario; otherwise it was
/// somebody else on the machine, and is kept in <see cref="Unrepeated"/>.
/// </summary>
public sealed class LiveCampaign
{
    private const int Sizes = 100;
    private const int SecondTries = 3;

    private readonly LiveKernel _kernel;
    private readonly List<Failure> _unrepeated = [];

    private readonly Quirks _quirks;

    /// <summary>A campaign on a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="quirks">The quirks that the reference takes it to have.</param>
    public LiveCampaign(LiveKernel kernel, Quirks quirks = Quirks.Linux618)
    {
        _kernel = kernel;
        _quirks = quirks;
        Lockstep = new LiveLockstep(kernel);
    }

    /// <summary>The lockstep: its tally.</summary>
    public LiveLockstep Lockstep { get; }

    /// <summary>Differences that were not there again.</summary>
    public IReadOnlyList<Failure> Unrepeated => _unrepeated;

    /// <summary>Outcomes that operations enabled here can have and that were not seen: <c>uffd_wp: EINVAL</c>.</summary>
    public List<string> NeverSeen() => [.. Lockstep.Tally.Missing().Where(missing => !_kernel.Scope.CannotHappen(missing))];

    /// <summary>The scenario of a case: a function of seed and number.</summary>
    public Scenario Draw(ulong seed, long number)
    {
        var choices = new RandomChoices(unchecked((seed * 0x9E3779B97F4A7C15UL) + (ulong)number));
        Machine machine = LiveMachines.Draw(choices, _quirks);
        bool always = LiveMachines.MaySetAlways(machine);
        bool whole = machine.Thp[machine.PmdOrder] != ThpMode.Never && choices.Chance(1, 2);
        bool Admits(Operation operation) =>
            _kernel.Scope.Admits(operation) && (!whole || LiveMachines.KeepsTables(operation)) && (always || operation.Kind != OperationKind.SetThp || operation.Mode != ThpMode.Always);
        return ScenarioGenerator.Draw(choices, machine, LiveMachines.Opening(choices, machine), (int)(number % Sizes) + 1, Admits);
    }

    /// <summary>Runs until the cases are done, the time is over, something differs or the caller cancels.</summary>
    public LiveResult Run(CampaignOptions options, Func<TimeSpan> elapsed, Action<long> progress, CancellationToken cancellation)
    {
        long target = options.Cases ?? (options.Time is null ? CampaignOptions.DefaultCases : long.MaxValue);
        long done = 0;
        while (done < target && !(options.Time is TimeSpan time && elapsed() >= time) && !cancellation.IsCancellationRequested)
        {
            Scenario scenario = Draw(options.Seed, done++);
            if (Lockstep.Run(scenario) is Failure failure && IsThereAgain(scenario, failure))
                return new LiveResult(done, scenario, failure);
            progress(done);
        }
        return new LiveResult(done, null, null);
    }

    private bool IsThereAgain(Scenario scenario, Failure failure)
    {
        for (int i = 0; i < SecondTries; i++)
        {
            if (Lockstep.Run(scenario) != failure)
                return Forget(failure);
        }
        return true;
    }

    private bool Forget(Failure failure)
    {
        _unrepeated.Add(failure);
        return false;
    }
}
