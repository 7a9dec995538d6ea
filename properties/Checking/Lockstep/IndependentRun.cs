using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What a system threw.</summary>
/// <param name="Exception">Name of the exception's type.</param>
/// <param name="Step">0-based index of the operation.</param>
/// <param name="Observing">Whether it threw when it was looked at, and not when it did the operation.</param>
public sealed record ThrownException(string Exception, int Step, bool Observing);

/// <summary>
/// Runs one system alone and judges many properties on it, each as if it were the only one: a failure ends nothing but the property that failed, which is not
/// judged again. What <see cref="PropertyRun"/> would find with each property in turn, this finds in one run. Laws have runs of their own and are none of them.
/// </summary>
public sealed class IndependentRun
{
    private readonly ObservedMemorySystemFactory _tested;
    private readonly List<Property> _left;
    private readonly Premise _premise = new();

    /// <summary>A run of a system.</summary>
    /// <param name="tested">The system, with its micro-steps.</param>
    /// <param name="properties">Invariants, step properties and event properties.</param>
    public IndependentRun(ObservedMemorySystemFactory tested, IEnumerable<Property> properties)
    {
        _tested = tested;
        _left = [.. properties];
    }

    /// <summary>The properties that have not failed yet.</summary>
    public IReadOnlyList<Property> Left => _left;

    /// <summary>What the system threw in the last scenario, which that ended; null if it threw nothing.</summary>
    public ThrownException? Thrown { get; private set; }

    /// <summary>Runs a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="failed">Told of each property that fails, and at which operation.</param>
    public void Run(Scenario scenario, Action<Property, int> failed)
    {
        Thrown = null;
        int step = 0;
        bool observing = false;
        try
        {
            Run(scenario, failed, ref step, ref observing);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Thrown = new ThrownException(exception.GetType().Name, step, observing);
        }
    }

    private void Run(Scenario scenario, Action<Property, int> failed, ref int step, ref bool observing)
    {
        var events = new List<MemoryEvent>();
        IMemorySystem system = _tested(scenario.Machine, events);
        var context = new StepContext(scenario.Machine);
        List<(Property Property, StepCheck Check)> judges = [.. _left.Select(property => (property, Begin(property)))];
        var before = new MemoryState();
        var after = new MemoryState();
        before.Load(system);
        for (; step < scenario.Operations.Count; step++)
        {
            Operation operation = scenario.Operations[step];
            events.Clear();
            Outcome outcome = system.Apply(operation);
            observing = true;
            after.Load(system);
            observing = false;
            Judge(judges, new Step(scenario.Machine, context.Thp, context.Failing, operation, outcome, before, after, events), step, failed);
            context.Note(operation, outcome);
            (before, after) = (after, before);
        }
    }

    private void Judge(List<(Property Property, StepCheck Check)> judges, Step step, int index, Action<Property, int> failed)
    {
        for (int i = judges.Count - 1; i >= 0; i--)
        {
            (Property property, StepCheck check) = judges[i];
            bool? holds = Holds(check, step);
            if (holds is true)
                continue;
            judges.RemoveAt(i);
            if (holds is false)
            {
                _left.Remove(property);
                failed(property, index);
            }
        }
    }

    /// <summary>Null if the check threw, because the state makes no sense to it: it is no verdict, and the check says nothing more about this scenario.</summary>
    private bool? Holds(StepCheck check, Step step)
    {
        try
        {
            return check(step, _premise) is null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static StepCheck Begin(Property property) => property switch
    {
        Invariant invariant => (in Step step, Premise premise) => invariant.Check(step.After, premise),
        StepProperty step => step.Begin(),
        EventProperty step => step.Begin(),
        _ => throw new ArgumentException($"{property.Title} has a run of its own", nameof(property)),
    };
}
