namespace FolioCheck.Properties;

/// <summary>Runs cases as a campaign does: lockstep with all invariants and step properties, one law each in turn, one case in twenty twice, and the micro-steps of one in ten.</summary>
public sealed class CaseRunner
{
    /// <summary>One case in so many is run twice.</summary>
    public const int RepeatedEvery = 20;

    /// <summary>The micro-steps of one case in so many are compared.</summary>
    public const int TracedEvery = 10;

    /// <summary>What failures name that a second run of the same scenario showed.</summary>
    public const string Determinism = "determinism";

    private readonly SystemUnderTest _system;
    private readonly Law[] _laws;
    private readonly Dictionary<Law, Premise> _lawPremises;
    private readonly LockstepRun _lockstep;
    private readonly TraceRun? _trace;
    private LockstepRun? _again;
    private long _cases;
    private long _repeated;
    private long _traced;

    /// <summary>A runner of cases on one system.</summary>
    public CaseRunner(SystemUnderTest system)
    {
        _system = system;
        _laws = [.. system.Properties.OfType<Law>()];
        _lawPremises = _laws.ToDictionary(law => law, _ => new Premise());
        _lockstep = new LockstepRun(system.Create, system.Properties, compared: system.Observed);
        _trace = system.JudgesMicroSteps ? new TraceRun(system.CreateTraced!, system.Properties) : null;
    }

    /// <summary>The step at which the last case met each feature first; -1 where it did not.</summary>
    public ReadOnlySpan<int> FirstSteps => _lockstep.Features.FirstSteps;

    /// <summary>Runs one case.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="law">The law whose turn it is, counted on from any number.</param>
    /// <param name="twice">Whether to run it twice.</param>
    /// <param name="traced">Whether to compare its micro-steps, where the system tells them.</param>
    public Failure? Run(Scenario scenario, long law, bool twice, bool traced = false)
    {
        if ((RunLockstep(scenario, twice) ?? (traced ? RunTrace(scenario) : null)) is Failure failure)
            return failure;
        return _laws.Length == 0 ? null : RunLaw(_laws[law % _laws.Length], scenario);
    }

    /// <summary>Runs a case of a campaign: its number says which law has its turn, whether it is run twice, and whether its micro-steps are compared.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="number">Its number in the campaign, from 0.</param>
    public Failure? RunAsNumbered(Scenario scenario, long number) =>
        Run(scenario, number + 1, number % RepeatedEvery == 0, number % TracedEvery == 0);

    /// <summary>Runs one case once and compares its micro-steps.</summary>
    public Failure? RunWithoutLaws(Scenario scenario) => RunLockstep(scenario, twice: false) ?? RunTrace(scenario);

    /// <summary>Runs one case twice, compares its micro-steps, and then runs every law on it.</summary>
    public Failure? RunWithEveryLaw(Scenario scenario) =>
        RunLockstep(scenario, twice: true) ?? RunTrace(scenario) ?? _laws.Select(law => RunLaw(law, scenario)).FirstOrDefault(broken => broken is not null);

    /// <summary>The figures of all cases run.</summary>
    public Figures Figures()
    {
        var figures = new Figures { Cases = _cases, Repeated = _repeated, Traced = _traced };
        figures.Tally.Add(_lockstep.Tally);
        foreach ((Property property, Premise premise) in _lockstep.Premises)
            figures.AddPremise(property.Number, premise.Held);
        foreach ((Law law, Premise premise) in _lawPremises)
            figures.AddPremise(law.Number, premise.Held);
        if (_trace is not null)
        {
            foreach ((EventProperty property, Premise premise) in _trace.Premises)
                figures.AddPremise(property.Number, premise.Held);
        }
        for (int i = 0; i < _lockstep.Features.Counts.Length; i++)
            figures.AddFeature(i, _lockstep.Features.Counts[i]);
        return figures;
    }

    private Failure? RunLockstep(Scenario scenario, bool twice)
    {
        _cases++;
        _lockstep.Hashes = twice ? [] : null;
        return _lockstep.Run(scenario) ?? (twice ? RunAgain(scenario, _lockstep.Hashes!) : null);
    }

    private Failure? RunTrace(Scenario scenario)
    {
        if (_trace is null)
            return null;
        _traced++;
        return _trace.Run(scenario);
    }

    private Failure? RunLaw(Law law, Scenario scenario) =>
        CheckLaw(law, scenario) is string wrong ? Failed(law.Title, "", scenario, scenario.Operations.Count - 1, "law", wrong, "") : null;

    /// <summary>The same scenario on a new system must show the same: what a clock, an address or the order of a hash table decides does not.</summary>
    private Failure? RunAgain(Scenario scenario, List<ulong> expected)
    {
        _repeated++;
        _again ??= new LockstepRun(_system.Create, compared: _system.Observed) { LooksForFeatures = false };
        _again.Hashes = [];
        Failure? failure = _again.Run(scenario);
        for (int i = 0; i < expected.Count; i++)
        {
            if (i >= _again.Hashes.Count)
                return Failed(Determinism, "failure", scenario, i, "the same scenario a second time", "the same as the first time", failure?.Summary ?? "");
            if (_again.Hashes[i] != expected[i])
                return Failed(Determinism, "observation", scenario, i, "hash of what the same scenario shows a second time", $"{expected[i]:x16}", $"{_again.Hashes[i]:x16}");
        }
        return failure is null ? null : Failed(Determinism, "failure", scenario, scenario.Operations.Count - 1, "the same scenario a second time", "no failure", failure.Summary);
    }

    private static Failure Failed(string check, string field, Scenario scenario, int step, string path, string expected, string found)
    {
        int last = Math.Max(0, step);
        return new Failure(check, field, last, scenario.Operations.Count == 0 ? default : scenario.Operations[last], path, expected, found);
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
}
