using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Mutation;

/// <summary>
/// Looks for a planted bug with random scenarios, sizes 1 to 100 and again, until a check fails or the budget is spent. The same seed draws the
/// same scenarios, so numbers repeat exactly. Operations are counted as they are drawn: what laws and event properties run besides is not added.
/// </summary>
/// <remarks>
/// Most cases show nothing of a bug. So the hunted system first does a case by itself, and what it shows is held against what the sound implementation showed, which is
/// known for all bugs. Checks of scenarios see nothing but outcomes, observations and micro-steps: where these are the same they hold, as they do for the sound
/// implementation, and are left out. Laws do operations of their own, and are never left out.
/// </remarks>
public sealed class BugHunt
{
    /// <summary>What failures name that abstract memory found.</summary>
    internal const string AbstractMemory = "abstract memory";

    private const int LargestSize = 100;

    /// <summary>One case in so many is given to a law: most bugs show without, and a law does a scenario several times.</summary>
    private const int LawEvery = 4;

    private readonly HuntOptions _options;
    private readonly Func<long, IEnumerable<Check>> _checks;
    private readonly Func<Failure, bool> _counts;
    private readonly HuntedSystem? _screened;
    private readonly MachineSettings _settings;
    private long _operations;
    private long _runs;
    private volatile bool _abandoned;
    private volatile HuntResult? _caught;

    private BugHunt(HuntOptions options, Func<long, IEnumerable<Check>> checks, Func<Failure, bool> counts, MachineSettings settings, HuntedSystem? screened = null)
    {
        _settings = settings;
        _options = options;
        _checks = checks;
        _counts = counts;
        _screened = options.Screen ? screened : null;
    }

    /// <summary>A check of scenarios.</summary>
    /// <param name="Run">Runs a scenario.</param>
    /// <param name="OfShown">Whether what the hunted system shows decides it.</param>
    private sealed record Check(Func<Scenario, Failure?> Run, bool OfShown);

    /// <summary>
    /// Everything a campaign checks: lockstep, invariants and step properties and the micro-steps with all event properties on each case, one law in turn on one in four.
    /// </summary>
    /// <param name="system">The systems.</param>
    /// <param name="options">How hard to look.</param>
    /// <param name="counts">Which failures count; without it, all.</param>
    public static HuntResult Campaign(HuntedSystem system, HuntOptions options, Func<Failure, bool>? counts = null)
    {
        var lockstep = new Check(Lockstep(system, Catalogue.All).Run, OfShown: true);
        Check[] laws = system.TestedIsSound ? [] : [.. Catalogue.All.OfType<Law>().Select(law => new Check(new PropertyRun(system.Observed, law).Run, OfShown: false))];
        var trace = new Check(new TraceRun(system.Observed, Catalogue.All, system.ObservedReference).Run, OfShown: true);
        return new BugHunt(options, ChecksOf, counts ?? (_ => true), system.Settings, system).Run();

        IEnumerable<Check> ChecksOf(long number)
        {
            yield return lockstep;
            yield return trace;
            if (laws.Length > 0 && number % LawEvery == 0)
                yield return laws[number / LawEvery % laws.Length];
        }
    }

    /// <summary>Abstract memory alone: outcomes and contents, no properties.</summary>
    public static HuntResult Values(HuntedSystem system, HuntOptions options)
    {
        var check = new Check(Lockstep(system, []).Run, OfShown: true);
        return new BugHunt(options, _ => [check], failure => failure.Check == AbstractMemory, system.Settings, system).Run();
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
        var check = new Check(new PropertyRun(system, property).Run, OfShown: false);
        return new BugHunt(options, _ => [check], IsOfProperty, settings ?? MachineSettings.None).Run();
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

    private static LockstepRun Lockstep(HuntedSystem system, IReadOnlyList<Property> properties) =>
        new(system.Tested, properties, system.Reference) { LooksForFeatures = false };

    private HuntResult Run()
    {
        HuntResult? result = null;
        bool ended = TimeLimit.Run(() => result = Hunt(), _options.TimeLimit, () => Volatile.Read(ref _runs));
        // A thread that is only slow stops after its scenario.
        _abandoned = true;
        // A bug that was caught is caught, even if a smaller scenario would make its loop endless.
        return ended ? result! : _caught ?? new HuntResult(HuntEnd.TimedOut, Volatile.Read(ref _operations), null, null);
    }

    private HuntResult Hunt()
    {
        for (long number = 0; _operations < _options.Operations && !_abandoned; number++)
        {
            SoundCase? sound = _screened is null ? null : SoundCase.Of(_options.Seed, number, _settings);
            Scenario scenario = WithinBudget(sound?.Scenario ?? Draw(_options.Seed, number, _settings));
            bool shown = sound is null || ShowsTheBug(scenario, sound);
            foreach (Check check in _checks(number))
            {
                if (check.OfShown && !shown)
                    continue;
                if (Counted(check)(scenario) is Failure failure && _counts(failure))
                    return Caught(scenario, failure, check);
            }
            Volatile.Write(ref _operations, _operations + scenario.Operations.Count);
        }
        return new HuntResult(HuntEnd.Missed, _operations, null, null);
    }

    private bool ShowsTheBug(Scenario scenario, SoundCase sound)
    {
        bool same = ShownSteps.Equal(_screened!.Suspect, scenario, sound.Shown) && ShownSteps.Equal(_screened.ObservedSuspect, scenario, sound.Traced);
        Interlocked.Increment(ref _runs);
        return !same;
    }

    private HuntResult Caught(Scenario scenario, Failure failure, Check check)
    {
        var caught = new HuntResult(HuntEnd.Caught, _operations + failure.Step + 1, failure, null);
        _caught = caught;
        return _options.Shrink ? caught with { Shrunk = Shrinker.Shrink(scenario, failure, Counted(check), _options.ShrinkRuns) } : caught;
    }

    /// <summary>The check, noting that it got on.</summary>
    private Func<Scenario, Failure?> Counted(Check check) => scenario =>
    {
        Failure? failure = check.Run(scenario);
        Interlocked.Increment(ref _runs);
        return failure;
    };

    private Scenario WithinBudget(Scenario scenario)
    {
        long left = _options.Operations - _operations;
        return scenario.Operations.Count <= left ? scenario : scenario with { Operations = [.. scenario.Operations.Take((int)left)] };
    }
}
