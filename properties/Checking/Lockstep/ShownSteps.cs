using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// What a system showed during a scenario, as numbers: outcome and complete observation of the beginning and of each operation, or outcome and micro-steps of each.
/// Two systems that show the same are judged the same by every check of scenarios, because a check sees nothing else.
/// </summary>
public static class ShownSteps
{
    /// <summary>What states a system shows.</summary>
    /// <param name="factory">Makes the system.</param>
    /// <param name="scenario">The scenario.</param>
    public static ulong[] Of(MemorySystemFactory factory, Scenario scenario) => [.. Run(factory(scenario.Machine), scenario)];

    /// <summary>What micro-steps a system shows.</summary>
    /// <param name="factory">Makes the system.</param>
    /// <param name="scenario">The scenario.</param>
    public static ulong[] Of(ObservedMemorySystemFactory factory, Scenario scenario)
    {
        var events = new List<MemoryEvent>();
        return [.. Trace(factory(scenario.Machine, events), events, scenario)];
    }

    /// <summary>Whether a system shows the states that are expected; one that throws does not.</summary>
    /// <param name="factory">Makes the system.</param>
    /// <param name="scenario">The scenario.</param>
    /// <param name="expected">What is expected; it may go on beyond the scenario's end.</param>
    public static bool Equal(MemorySystemFactory factory, Scenario scenario, ReadOnlySpan<ulong> expected)
    {
        try
        {
            return Equal(Run(factory(scenario.Machine), scenario), expected);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Whether a system shows the micro-steps that are expected; one that throws does not.</summary>
    /// <param name="factory">Makes the system.</param>
    /// <param name="scenario">The scenario.</param>
    /// <param name="expected">What is expected; it may go on beyond the scenario's end.</param>
    public static bool Equal(ObservedMemorySystemFactory factory, Scenario scenario, ReadOnlySpan<ulong> expected)
    {
        try
        {
            var events = new List<MemoryEvent>();
            return Equal(Trace(factory(scenario.Machine, events), events, scenario), expected);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }

    private static bool Equal(IEnumerable<ulong> shown, ReadOnlySpan<ulong> expected)
    {
        int i = 0;
        foreach (ulong hash in shown)
        {
            if (hash != expected[i++])
                return false;
        }
        return true;
    }

    private static IEnumerable<ulong> Run(IMemorySystem system, Scenario scenario)
    {
        var observation = new Observation();
        system.Observe(observation);
        yield return ObservationHash.Of(Outcome.Ok, observation);
        foreach (Operation operation in scenario.Operations)
        {
            Outcome outcome = system.Apply(operation);
            system.Observe(observation);
            yield return ObservationHash.Of(outcome, observation);
        }
    }

    private static IEnumerable<ulong> Trace(IMemorySystem system, List<MemoryEvent> events, Scenario scenario)
    {
        foreach (Operation operation in scenario.Operations)
        {
            events.Clear();
            yield return ObservationHash.Of(system.Apply(operation), events);
        }
    }
}
