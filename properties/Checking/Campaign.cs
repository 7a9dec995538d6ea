using FolioCheck.Vocabulary;
using FsCheck;
using FsCheck.Fluent;

namespace FolioCheck.Properties;

/// <summary>What a <see cref="Campaign"/> is asked to do.</summary>
/// <param name="Seed">Seed: same seed and cases, same run.</param>
/// <param name="Machines">Which machines.</param>
/// <param name="Cases">Cases to run; null when <paramref name="Time"/> ends the run.</param>
/// <param name="Time">Time to run for; null when <paramref name="Cases"/> ends the run.</param>
public sealed record CampaignOptions(ulong Seed, MachineChoice Machines, long? Cases, TimeSpan? Time)
{
    /// <summary>Cases of a run that names neither cases nor time.</summary>
    public const long DefaultCases = 3000;
}

/// <summary>How a <see cref="Campaign"/> ended.</summary>
/// <param name="Cases">Cases run.</param>
/// <param name="Scenario">The failing scenario as it was drawn; null if everything held.</param>
/// <param name="Failure">How it failed.</param>
public sealed record CampaignResult(long Cases, Scenario? Scenario, Failure? Failure);

/// <summary>
/// Runs random scenarios under FsCheck: lockstep and all invariants and step properties on each, one law on each in turn.
/// FsCheck is asked for blocks of cases, each with its own seed and sizes growing from small to large; so a run that a clock ended is repeated
/// exactly by its number of cases.
/// </summary>
public sealed class Campaign
{
    private const int BlockCases = 100;
    private readonly SystemUnderTest _system;
    private readonly Law[] _laws;
    private readonly Dictionary<Law, Premise> _lawPremises = [];

    /// <summary>A campaign against one system, which shows everything and can do everything.</summary>
    public Campaign(MemorySystemFactory tested)
        : this(new SystemUnderTest(tested))
    {
    }

    /// <summary>A campaign against one system.</summary>
    public Campaign(SystemUnderTest system)
    {
        _system = system;
        _laws = [.. system.Properties.OfType<Law>()];
        Lockstep = new LockstepRun(system.Create, system.Properties, compared: system.Observed);
        foreach (Law law in _laws)
            _lawPremises.Add(law, new Premise());
    }

    /// <summary>The lockstep: its tally and premises.</summary>
    public LockstepRun Lockstep { get; }

    /// <summary>How often each property's premise held.</summary>
    public IEnumerable<(Property Property, Premise Premise)> Premises =>
        Lockstep.Premises.Select(pair => (pair.Key, pair.Value))
            .Concat(_lawPremises.Select(pair => ((Property)pair.Key, pair.Value)))
            .OrderBy(pair => pair.Item1.Number);

    /// <summary>Runs until the cases are done, the time is over, something fails or the caller cancels.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="elapsed">Time since the start.</param>
    /// <param name="progress">Told the cases done so far, after each block.</param>
    /// <param name="cancellation">Ends the run after the block at hand.</param>
    public CampaignResult Run(CampaignOptions options, Func<TimeSpan> elapsed, Action<long> progress, CancellationToken cancellation)
    {
        Arbitrary<Scenario> scenarios = ScenarioArbitrary.Of(options.Machines, allowed: _system.Operations);
        long target = options.Cases ?? (options.Time is null ? CampaignOptions.DefaultCases : long.MaxValue);
        long done = 0;
        while (done < target && !(options.Time is TimeSpan time && elapsed() >= time) && !cancellation.IsCancellationRequested)
        {
            int count = (int)Math.Min(BlockCases, target - done);
            if (RunBlock(options.Seed, done / BlockCases, count, scenarios) is (int cases, Scenario scenario, Failure failure))
                return new CampaignResult(done + cases, scenario, failure);
            done += count;
            progress(done);
        }
        return new CampaignResult(done, null, null);
    }

    /// <summary>Runs one scenario as a campaign does: all checks, and the law that this case's turn names.</summary>
    public Failure? RunCase(Scenario scenario, int law)
    {
        if (Lockstep.Run(scenario) is Failure failure)
            return failure;
        if (_laws.Length == 0)
            return null;
        Law chosen = _laws[law % _laws.Length];
        if (CheckLaw(chosen, scenario) is not string wrong)
            return null;
        int last = Math.Max(0, scenario.Operations.Count - 1);
        return new Failure(chosen.Title, "", last, scenario.Operations.Count == 0 ? default : scenario.Operations[last], "law", wrong, "");
    }

    private string? CheckLaw(Law law, Scenario scenario)
    {
        try
        {
            return law.Check(scenario, _system.Create, _lawPremises[law]);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return $"the system threw {exception.GetType().Name}: {exception.Message}";
        }
    }

    private (int Cases, Scenario Scenario, Failure Failure)? RunBlock(ulong seed, long block, int count, Arbitrary<Scenario> scenarios)
    {
        (int, Scenario, Failure)? failed = null;
        int ran = 0;
        // FsCheck's state is a seed and an odd gamma; each block has a gamma of its own.
        ulong gamma = unchecked((((ulong)block * 2) + 1) * 0x9E3779B97F4A7C15UL) | 1;
        var runner = new SilentRunner();
        Config config = Config.Quick
            .WithMaxTest(count)
            .WithEndSize(100)
            .WithReplay(seed, gamma)
            .WithRunner(runner);
        Check.One(config, Prop.ForAll(scenarios, scenario =>
        {
            if (failed is not null)
                return false;
            ran++;
            if (RunCase(scenario, (int)((block * BlockCases + ran) % Math.Max(1, _laws.Length))) is not Failure failure)
                return true;
            failed = (ran, scenario, failure);
            return false;
        }));
        // Anything else than our own failures is a defect of generation or of a check, never a pass.
        if (failed is null && runner.Result is not TestResult.Passed)
            throw new InvalidOperationException($"FsCheck could not finish the block: {runner.Result}");
        return failed;
    }

    /// <summary>FsCheck's words are not needed: the campaign reports by itself.</summary>
    private sealed class SilentRunner : IRunner
    {
        public void OnStartFixture(Type t)
        {
        }

        public void OnArguments(int ntest, Microsoft.FSharp.Collections.FSharpList<object> args, Microsoft.FSharp.Core.FSharpFunc<int, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string>> every)
        {
        }

        public void OnShrink(Microsoft.FSharp.Collections.FSharpList<object> args, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string> everyShrink)
        {
        }

        /// <summary>How FsCheck saw the block end.</summary>
        public TestResult? Result { get; private set; }

        public void OnFinished(string name, TestResult testResult) => Result = testResult;
    }
}
