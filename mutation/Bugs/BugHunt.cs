using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Mutation;

/// <summary>
/// Looks for a planted bug with random scenarios, sizes 1 to 100 and again, until a check fails or the budget is spent. The same seed draws the
/// same scenarios, so numbers repeat exactly. Operations are counted as they are drawn: what laws and event properties run besides is not added.
/// </summary>
public sealed class BugHunt
{
    private const string AbstractMemory = "abstract memory";

    private const int LargestSize = 100;

    private readonly HuntOptions _options;
    private readonly Func<long, IEnumerable<Func<Scenario, Failure?>>> _checks;
    private readonly Func<Failure, bool> _counts;
    private readonly MachineSettings? _settings;
    private long _operations;
    private volatile bool _abandoned;

    private BugHunt(
        HuntOptions options, Func<long, IEnumerable<Func<Scenario, Failure?>>> checks, Func<Failure, bool> counts, MachineSettings? settings = null)
    {
        _settings = settings;
        _options = options;
        _checks = checks;
        _counts = counts;
    }

    /// <summary>
    /// Everything a campaign checks: lockstep, invariants, step properties on each case, one law in turn, the micro-steps of one case in ten; the event properties on
    /// each case.
    /// </summary>
    /// <param name="system">The systems.</param>
    /// <param name="options">How hard to look.</param>
    /// <param name="counts">Which failures count; without it, all.</param>
    public static HuntResult Campaign(HuntedSystem system, HuntOptions options, Func<Failure, bool>? counts = null)
    {
        var lockstep = new LockstepRun(system.Tested, Catalogue.All, system.Reference);
        Law[] laws = [.. Catalogue.All.OfType<Law>()];
        var trace = new TraceRun(system.Observed, [], system.ObservedReference);
        EventProperty[] events = [.. Catalogue.All.OfType<EventProperty>()];
        return new BugHunt(options, ChecksOf, counts ?? (_ => true), system.Settings).Run();

        IEnumerable<Func<Scenario, Failure?>> ChecksOf(long number)
        {
            yield return lockstep.Run;
            yield return new PropertyRun(system.Observed, laws[number % laws.Length]).Run;
            foreach (EventProperty property in events)
                yield return new PropertyRun(system.Observed, property).Run;
            if (number % CaseRunner.TracedEvery == 0)
                yield return trace.Run;
        }
    }

    /// <summary>Abstract memory alone: outcomes and contents, no properties.</summary>
    public static HuntResult Values(HuntedSystem system, HuntOptions options)
    {
        var lockstep = new LockstepRun(system.Tested, [], system.Reference);
        return new BugHunt(options, _ => [lockstep.Run], failure => failure.Check == AbstractMemory, system.Settings).Run();
    }

    /// <summary>Whether a property found the fault; that the system throws is not its merit.</summary>
    internal static bool IsOfProperty(Failure failure) =>
        failure.Field != "exception" && Catalogue.All.Any(property => property.Title == failure.Check);

    /// <summary>One property alone: no reference, no lockstep. That the system throws does not count.</summary>
    /// <param name="system">The system.</param>
    /// <param name="property">The property.</param>
    /// <param name="options">How hard to look.</param>
    /// <param name="settings">What all machines have; null to draw everything.</param>
    public static HuntResult Property(ObservedMemorySystemFactory system, Property property, HuntOptions options, MachineSettings? settings = null)
    {
        var run = new PropertyRun(system, property);
        return new BugHunt(options, _ => [run.Run], IsOfProperty, settings).Run();
    }

    /// <summary>The scenario of a seed and a case number.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="number">The case, from 0.</param>
    /// <param name="settings">What its machine has; null to draw everything.</param>
    public static Scenario Draw(ulong seed, long number, MachineSettings? settings = null)
    {
        var choices = new RandomChoices(unchecked((seed * 0xD1342543DE82EF95UL) ^ (ulong)number));
        return ScenarioGenerator.Draw(choices, MachineChoice.Default, 1 + (int)(number % LargestSize), settings: settings);
    }

    private HuntResult Run()
    {
        HuntResult? result = null;
        bool ended = TimeLimit.Run(() => result = Hunt(), _options.TimeLimit);
        // A thread that is only slow stops after its scenario.
        _abandoned = true;
        return ended ? result! : new HuntResult(HuntEnd.TimedOut, Volatile.Read(ref _operations), null, null);
    }

    private HuntResult Hunt()
    {
        for (long number = 0; _operations < _options.Operations && !_abandoned; number++)
        {
            Scenario scenario = WithinBudget(Draw(_options.Seed, number, _settings));
            foreach (Func<Scenario, Failure?> check in _checks(number))
            {
                if (check(scenario) is Failure failure && _counts(failure))
                    return new HuntResult(HuntEnd.Caught, _operations + failure.Step + 1, failure, Shrink(scenario, failure, check));
            }
            Volatile.Write(ref _operations, _operations + scenario.Operations.Count);
        }
        return new HuntResult(HuntEnd.Missed, _operations, null, null);
    }

    private Scenario WithinBudget(Scenario scenario)
    {
        long left = _options.Operations - _operations;
        return scenario.Operations.Count <= left ? scenario : scenario with { Operations = [.. scenario.Operations.Take((int)left)] };
    }

    private Scenario? Shrink(Scenario scenario, Failure failure, Func<Scenario, Failure?> check) =>
        _options.Shrink ? Shrinker.Shrink(scenario, failure, check, _options.ShrinkRuns) : null;
}
