using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>Lets every property hunt one bug alone, in few passes over the same scenarios.</summary>
internal sealed class KillHunt
{
    private readonly CompiledBug _bug;
    private readonly KillMatrixOptions _options;
    private readonly DrawnScenarios _scenarios;
    private readonly Dictionary<Property, long> _caught = [];
    private KillThrow? _throws;
    private long? _values;

    /// <summary>A hunt for a bug.</summary>
    /// <param name="bug">The bug.</param>
    /// <param name="options">How hard to look.</param>
    /// <param name="scenarios">Scenarios with the settings of the bug.</param>
    public KillHunt(CompiledBug bug, KillMatrixOptions options, DrawnScenarios scenarios)
    {
        _bug = bug;
        _options = options;
        _scenarios = scenarios;
    }

    /// <summary>Hunts.</summary>
    public KillRow Run()
    {
        RunSteps([.. Catalogue.All.Where(property => property is Invariant or StepProperty)], _options.StepBudget(_bug.Bug.Layer), thrown => _throws ??= thrown);
        RunSteps([.. Catalogue.All.OfType<EventProperty>()], _options.LawBudget(_bug.Bug.Layer), _ => { });
        foreach (Law law in Catalogue.All.OfType<Law>())
            RunLaw(law, _options.LawBudget(_bug.Bug.Layer));
        RunValues(_options.LawBudget(_bug.Bug.Layer));
        RunOwn();
        return new KillRow(_bug.Bug) { Caught = _caught, Throws = _throws, Values = _values };
    }

    /// <summary>A property whose own bug this is gets the operations within which it must catch it.</summary>
    private void RunOwn()
    {
        Property[] missing = [.. Catalogue.All.Where(property => PropertyBugs.Of(property)?.Id == _bug.Bug.Id && !_caught.ContainsKey(property))];
        if (missing.Any(property => property is not Law))
            RunSteps([.. missing.Where(property => property is not Law)], PropertyBugs.Budget, _ => { });
        foreach (Law law in missing.OfType<Law>())
            RunLaw(law, PropertyBugs.Budget);
    }

    private void RunSteps(Property[] properties, long budget, Action<KillThrow> threw)
    {
        var run = new IndependentRun(_bug.CreateObserved, properties);
        Pass(budget, () => run.Left.Count == 0, (before, scenario) =>
        {
            run.Run(scenario, (property, step) => _caught.Add(property, before + step + 1));
            if (run.Thrown is ThrownException thrown)
                threw(new KillThrow(thrown.Exception, before + thrown.Step + 1, thrown.Observing));
        });
    }

    private void RunLaw(Law law, long budget)
    {
        var run = new PropertyRun(_bug.CreateObserved, law);
        Pass(budget, () => _caught.ContainsKey(law), (before, scenario) =>
        {
            if (run.Run(scenario) is Failure failure && BugHunt.IsOfProperty(failure))
                _caught.Add(law, before + failure.Step + 1);
        });
    }

    /// <summary>Outcomes and values against abstract memory, as <see cref="BugHunt.Values"/> does.</summary>
    private void RunValues(long budget)
    {
        var run = new LockstepRun(_bug.Create, [], _bug.Create) { LooksForFeatures = false };
        Pass(budget, () => _values is not null, (before, scenario) =>
        {
            if (run.Run(scenario) is Failure failure && failure.Check == BugHunt.AbstractMemory)
                _values = before + failure.Step + 1;
        });
    }

    private void Pass(long budget, Func<bool> over, Action<long, Scenario> run)
    {
        foreach ((long before, Scenario scenario) in _scenarios.Of(budget))
        {
            if (over())
                return;
            run(before, scenario);
        }
    }
}
