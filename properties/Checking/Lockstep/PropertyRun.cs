using System.Diagnostics;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Runs one system alone and checks properties on it: no reference, no lockstep. Shows what a property can see by itself.</summary>
public sealed class PropertyRun
{
    private readonly ObservedMemorySystemFactory _tested;
    private readonly Property _property;

    /// <summary>A run of one property.</summary>
    /// <param name="tested">The system, with its micro-steps.</param>
    /// <param name="property">The property.</param>
    public PropertyRun(ObservedMemorySystemFactory tested, Property property)
    {
        _tested = tested;
        _property = property;
    }

    /// <summary>How often the premise held so far.</summary>
    public Premise Premise { get; } = new();

    /// <summary>Runs a scenario to its end or to the first failure.</summary>
    public Failure? Run(Scenario scenario)
    {
        try
        {
            return _property switch
            {
                Law law => CheckLaw(law, scenario),
                Invariant invariant => CheckSteps((in Step step, Premise premise) => invariant.Check(step.After, premise), scenario),
                StepProperty step => CheckSteps(step.Begin(), scenario),
                EventProperty step => CheckSteps(step.Begin(), scenario),
                _ => throw new UnreachableException(_property.Title),
            };
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or UnreachableException))
        {
            Operation last = scenario.Operations.Count > 0 ? scenario.Operations[^1] : default;
            return new Failure(_property.Title, "exception", Math.Max(0, scenario.Operations.Count - 1), last, "the system threw", exception.Message, "");
        }
    }

    private Failure? CheckLaw(Law law, Scenario scenario)
    {
        string? wrong = law.Check(scenario, machine => _tested(machine, new List<MemoryEvent>()), Premise);
        if (wrong is null)
            return null;
        Operation last = scenario.Operations.Count > 0 ? scenario.Operations[^1] : default;
        return new Failure(_property.Title, "", Math.Max(0, scenario.Operations.Count - 1), last, "law", wrong, "");
    }

    private Failure? CheckSteps(StepCheck check, Scenario scenario)
    {
        var events = new List<MemoryEvent>();
        IMemorySystem system = _tested(scenario.Machine, events);
        var context = new StepContext(scenario.Machine);
        var before = new MemoryState();
        var after = new MemoryState();
        before.Load(system);
        for (int i = 0; i < scenario.Operations.Count; i++)
        {
            Operation operation = scenario.Operations[i];
            events.Clear();
            Outcome outcome = system.Apply(operation);
            after.Load(system);
            var step = new Step(scenario.Machine, context.Thp, context.Failing, operation, outcome, before, after, events);
            if (check(step, Premise) is string wrong)
                return new Failure(_property.Title, "", i, operation, "state", wrong, "");
            context.Note(operation, outcome);
            (before, after) = (after, before);
        }
        return null;
    }
}
