using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What a scenario cost on one layer.</summary>
/// <param name="Machine">The machine that it ran on.</param>
/// <param name="Operations">Its operations, in order.</param>
public sealed record ScenarioCost(Machine Machine, IReadOnlyList<OperationCost> Operations)
{
    /// <summary>Runs a scenario and counts.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="create">The layer.</param>
    public static ScenarioCost Of(Scenario scenario, ObservedMemorySystemFactory create)
    {
        var events = new List<MemoryEvent>();
        IMemorySystem system = create(scenario.Machine, events);
        var state = new MemoryState();
        var costs = new List<OperationCost>(scenario.Operations.Count);
        foreach (Operation operation in scenario.Operations)
        {
            events.Clear();
            Outcome outcome = system.Apply(operation);
            state.Load(system);
            costs.Add(new OperationCost(operation, outcome, EventCounts.Of(events, scenario.Machine), state.Processes.Sum(process => process.RssAnon + process.RssFile)));
        }
        return new ScenarioCost(scenario.Machine, costs);
    }

    /// <summary>All operations together.</summary>
    public EventCounts Total => Sum(_ => true);

    /// <summary>Some operations together.</summary>
    /// <param name="which">Which.</param>
    public EventCounts Sum(Func<Operation, bool> which) =>
        Operations.Where(cost => which(cost.Operation)).Aggregate(default(EventCounts), (sum, cost) => sum + cost.Counts);

    /// <summary>The most pages that all processes together had mapped after some operation.</summary>
    public long LargestRss => Operations.Select(cost => cost.Rss).DefaultIfEmpty().Max();

    /// <summary>Whether the models have all that the scenario asks for.</summary>
    public bool IsModelled => Operations.All(cost => cost.Outcome.Kind != OutcomeKind.NotModelled);

    /// <summary>The first thing in which the cost on another layer differs, or null.</summary>
    /// <param name="other">The same scenario on another layer.</param>
    public CostDifference? DifferenceTo(ScenarioCost other)
    {
        for (int i = 0; i < Operations.Count; i++)
        {
            (OperationCost expected, OperationCost found) = (Operations[i], other.Operations[i]);
            if (expected.Outcome != found.Outcome)
                return new CostDifference(i, expected.Operation, "outcome", expected.Outcome.ToString(), found.Outcome.ToString());
            foreach ((string name, Func<EventCounts, long> of) in EventCounts.Kinds)
            {
                if (of(expected.Counts) != of(found.Counts))
                    return new CostDifference(i, expected.Operation, name, $"{of(expected.Counts)}", $"{of(found.Counts)}");
            }
        }
        return null;
    }
}
