using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Holds a tested system against the reference, and the reference against abstract memory, operation by operation: outcomes and complete
/// observations after every one. Invariants and step properties look at the tested system's state. One object may run many scenarios.
/// </summary>
public sealed class LockstepRun
{
    private readonly MemorySystemFactory _reference;
    private readonly MemorySystemFactory _tested;
    private readonly IReadOnlyList<Invariant> _invariants;
    private readonly IReadOnlyList<StepProperty> _steps;
    private readonly bool[] _remembers;
    private readonly ObservationSubset _compared;
    private readonly Observation _expected = new();
    private readonly Observation _found = new();
    private MemoryState _before = new();
    private MemoryState _after = new();

    /// <summary>A run of a tested system.</summary>
    /// <param name="tested">The tested system.</param>
    /// <param name="properties">Properties that are checked besides; laws among them are not.</param>
    /// <param name="reference">Another reference, to test the reference itself.</param>
    /// <param name="compared">What the tested system shows; null for everything. Properties look at whole states, so they need everything.</param>
    public LockstepRun(
        MemorySystemFactory tested, IReadOnlyList<Property>? properties = null, MemorySystemFactory? reference = null, ObservationSubset? compared = null)
    {
        _compared = compared ?? ObservationSubset.Complete;
        _tested = tested;
        _reference = reference ?? ReferenceMemory.Create;
        _invariants = [.. (properties ?? []).OfType<Invariant>()];
        _steps = [.. (properties ?? []).OfType<StepProperty>()];
        // A check without a memory is the same object each time.
        _remembers = [.. _steps.Select(step => !ReferenceEquals(step.Begin(), step.Begin()))];
        Premises = _invariants.Cast<Property>().Concat(_steps).ToDictionary(property => property, _ => new Premise());
    }

    /// <summary>What was done so far.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Which state features were met so far.</summary>
    public FeatureTally Features { get; } = new();

    /// <summary>Whether state features are looked for.</summary>
    public bool LooksForFeatures { get; init; } = true;

    /// <summary>A hash of what the tested system showed after each operation of the last scenario; null if nobody wants it.</summary>
    public List<ulong>? Hashes { get; set; }

    /// <summary>How often each property's premise held so far.</summary>
    public IReadOnlyDictionary<Property, Premise> Premises { get; }

    /// <summary>Runs a scenario to its end or to the first failure.</summary>
    public Failure? Run(Scenario scenario) => Run(scenario, 0);

    /// <summary>Runs a scenario to its end or to the first failure, where its beginning is known.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="held">
    /// Operations at its beginning that held in an earlier run: they are done again, but only properties that remember steps look at them. It is for systems
    /// that show everything.
    /// </param>
    public Failure? Run(Scenario scenario, int held)
    {
        IMemorySystem reference = _reference(scenario.Machine);
        IMemorySystem tested;
        var abstractMemory = new AbstractMemory(scenario.Machine);
        var context = new StepContext(scenario.Machine);
        StepCheck[] checks = [.. _steps.Select(step => step.Begin())];
        Features.Begin();
        try
        {
            tested = _tested(scenario.Machine);
            _before.Load(_compared.IsComplete ? tested : reference);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return Thrown(exception, 0, scenario.Operations.Count == 0 ? default : scenario.Operations[0]);
        }
        for (int i = 0; i < scenario.Operations.Count; i++)
        {
            Operation operation = scenario.Operations[i];
            try
            {
                if (i < held)
                {
                    Repeat(scenario.Machine, context, operation, reference, tested, abstractMemory, checks);
                    (_before, _after) = (_after, _before);
                    continue;
                }
                if (Advance(i, operation, reference, tested, abstractMemory, out Outcome outcome) is Failure failure)
                    return failure;
                var step = new Step(scenario.Machine, context.Thp, context.Failing, operation, outcome, _before, _after, []);
                if (Check(i, step, checks) is Failure broken)
                    return broken;
                bool effective = !_before.Observation.SameAs(_after.Observation);
                if (effective && LooksForFeatures)
                    Features.Count(step, i);
                context.Note(operation, outcome);
                Tally.Count(operation, outcome, effective, _after.MappedPtes);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                return Thrown(exception, i, operation);
            }
            (_before, _after) = (_after, _before);
        }
        return CheckContents(scenario, abstractMemory);
    }

    private Failure? Advance(
        int index, in Operation operation, IMemorySystem reference, IMemorySystem tested, AbstractMemory abstractMemory, out Outcome outcome)
    {
        Outcome expected = reference.Apply(operation);
        outcome = tested.Apply(operation);
        if (outcome != expected)
            return new Failure("lockstep", "outcome", index, operation, "outcome", expected.ToString(), outcome.ToString());
        Outcome seen = abstractMemory.Apply(operation, expected);
        if (seen != expected)
            return new Failure("abstract memory", "outcome", index, operation, "outcome", seen.ToString(), expected.ToString());
        Observation found = Observe(reference, tested);
        Hashes?.Add(ObservationHash.Of(outcome, found));
        if (!_expected.SameAs(found))
        {
            Difference difference = Difference.Between(_expected, found)!;
            return new Failure("lockstep", difference.Field, index, operation, difference.Path, difference.Expected, difference.Found);
        }
        _after.Decode();
        if (operation.Kind == OperationKind.Mremap)
            abstractMemory.LearnFlags(operation.Process, FlagsIn(_after, operation.Process));
        return null;
    }

    /// <summary>Does an operation that is known to hold.</summary>
    private void Repeat(
        Machine machine, StepContext context, in Operation operation, IMemorySystem reference, IMemorySystem tested, AbstractMemory abstractMemory, StepCheck[] checks)
    {
        reference.Apply(operation);
        Outcome outcome = tested.Apply(operation);
        abstractMemory.Apply(operation, outcome);
        _after.Load(tested);
        if (operation.Kind == OperationKind.Mremap)
            abstractMemory.LearnFlags(operation.Process, FlagsIn(_after, operation.Process));
        var step = new Step(machine, context.Thp, context.Failing, operation, outcome, _before, _after, []);
        for (int i = 0; i < checks.Length; i++)
        {
            if (_remembers[i])
                checks[i](step, Premises[_steps[i]]);
        }
        context.Note(operation, outcome);
    }

    /// <summary>
    /// Observes both. Where the tested system shows a part only, the state after the step is the reference's, and what is compared is that part of it.
    /// </summary>
    private Observation Observe(IMemorySystem reference, IMemorySystem tested)
    {
        if (_compared.IsComplete)
        {
            reference.Observe(_expected);
            tested.Observe(_after.Observation);
            return _after.Observation;
        }
        reference.Observe(_after.Observation);
        _compared.Project(_after.Observation, _expected);
        tested.Observe(_found);
        return _found;
    }

    private static IEnumerable<(long Start, long End, VmaFlags Flags)> FlagsIn(MemoryState state, int process) =>
        state.Vmas.Where(vma => vma.Process == process).Select(vma => (vma.Start, vma.End, vma.Flags));

    private Failure? Check(int index, in Step step, StepCheck[] checks)
    {
        foreach (Invariant invariant in _invariants)
        {
            if (invariant.Check(step.After, Premises[invariant]) is string wrong)
                return Broken(invariant, index, step.Operation, wrong);
        }
        for (int i = 0; i < checks.Length; i++)
        {
            if (checks[i](step, Premises[_steps[i]]) is string wrong)
                return Broken(_steps[i], index, step.Operation, wrong);
        }
        return null;
    }

    private static Failure Broken(Property property, int index, in Operation operation, string wrong) =>
        new(property.Title, "", index, operation, "state", wrong, "");

    private static Failure Thrown(Exception exception, int index, in Operation operation) => exception is SystemFailureException failure
        ? new Failure("lockstep", failure.Kind, index, operation, "the tested system", failure.Message, "")
        : new Failure("lockstep", "exception " + exception.GetType().Name, index, operation, "the system threw", exception.Message, "");

    /// <summary>At the end every mapped page holds what abstract memory says.</summary>
    private Failure? CheckContents(Scenario scenario, AbstractMemory abstractMemory)
    {
        if (scenario.Operations.Count == 0)
            return null;
        foreach (PteRun run in _before.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                int expected = abstractMemory.ValueOf(run.Process, run.Page + i);
                int found = run.IsZeroPage ? 0 : _before.Token(_before.Folios[run.Folio], run.Index + i);
                if (expected != found)
                {
                    return new Failure(
                        "abstract memory", "contents", scenario.Operations.Count - 1, scenario.Operations[^1],
                        $"process {run.Process}, page 0x{run.Page + i:x}: contents", $"{expected}", $"{found}");
                }
            }
        }
        return null;
    }
}
