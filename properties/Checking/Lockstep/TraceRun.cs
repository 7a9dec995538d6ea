using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Holds the micro-steps of a tested system against those of the reference, operation by operation and in their order, and checks the event properties on them.
/// States are for <see cref="LockstepRun"/>. One object may run many scenarios.
/// </summary>
public sealed class TraceRun
{
    /// <summary>What failures name when the micro-steps differ.</summary>
    public const string MicroSteps = "micro-steps";

    private readonly ObservedMemorySystemFactory _tested;
    private readonly ObservedMemorySystemFactory _reference;
    private readonly EventProperty[] _properties;
    private readonly List<MemoryEvent> _expected = [];
    private readonly List<MemoryEvent> _found = [];
    private MemoryState _before = new();
    private MemoryState _after = new();

    /// <summary>A run of a tested system.</summary>
    /// <param name="tested">The tested system with its micro-steps.</param>
    /// <param name="properties">Properties that are checked besides; only event properties among them are.</param>
    /// <param name="reference">Another reference, to test the reference itself.</param>
    public TraceRun(ObservedMemorySystemFactory tested, IReadOnlyList<Property> properties, ObservedMemorySystemFactory? reference = null)
    {
        _tested = tested;
        _reference = reference ?? ReferenceMemory.Create;
        _properties = [.. properties.OfType<EventProperty>()];
        Premises = _properties.ToDictionary(property => property, _ => new Premise());
    }

    /// <summary>How often each property's premise held so far.</summary>
    public IReadOnlyDictionary<EventProperty, Premise> Premises { get; }

    /// <summary>Whether only a trace shows a failure.</summary>
    public static bool Finds(Failure failure) => failure.Check == MicroSteps || Catalogue.All.Any(property => property is EventProperty && property.Title == failure.Check);

    /// <summary>Runs a scenario to its end or to the first failure.</summary>
    public Failure? Run(Scenario scenario)
    {
        int step = 0;
        try
        {
            return Run(scenario, ref step);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Operation operation = scenario.Operations.Count == 0 ? default : scenario.Operations[step];
            return new Failure(MicroSteps, "exception " + exception.GetType().Name, step, operation, "the system threw", exception.Message, "");
        }
    }

    private Failure? Run(Scenario scenario, ref int step)
    {
        _expected.Clear();
        _found.Clear();
        IMemorySystem reference = _reference(scenario.Machine, _expected);
        IMemorySystem tested = _tested(scenario.Machine, _found);
        var context = new StepContext(scenario.Machine);
        StepCheck[] checks = [.. _properties.Select(property => property.Begin())];
        _before.Load(tested);
        for (; step < scenario.Operations.Count; step++)
        {
            Operation operation = scenario.Operations[step];
            _expected.Clear();
            _found.Clear();
            reference.Apply(operation);
            Outcome outcome = tested.Apply(operation);
            if (Difference(step, operation) is Failure failure)
                return failure;
            _after.Load(tested);
            var done = new Step(scenario.Machine, context.Thp, context.Failing, operation, outcome, _before, _after, _found);
            for (int i = 0; i < checks.Length; i++)
            {
                if (checks[i](done, Premises[_properties[i]]) is string wrong)
                    return new Failure(_properties[i].Title, "", step, operation, MicroSteps, wrong, "");
            }
            context.Note(operation, outcome);
            (_before, _after) = (_after, _before);
        }
        return null;
    }

    /// <summary>The first micro-step in which they differ. A list that is too short ends there.</summary>
    private Failure? Difference(int step, in Operation operation)
    {
        int i = 0;
        while (i < _expected.Count && i < _found.Count && _expected[i] == _found[i])
            i++;
        if (i == _expected.Count && i == _found.Count)
            return null;
        string kind = (i < _expected.Count ? _expected[i].Kind : _found[i].Kind).ToString();
        return new Failure(
            MicroSteps, kind, step, operation, FormattableString.Invariant($"micro-step {i + 1} of {_expected.Count}"), Word(_expected, i), Word(_found, i));
    }

    private static string Word(List<MemoryEvent> steps, int index) => index < steps.Count ? steps[index].ToString() : "none";
}
