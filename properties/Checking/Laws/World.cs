using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>A system with its state, for laws: applied operations are observed when somebody looks.</summary>
internal sealed class World
{
    private readonly IMemorySystem _system;

    public World(MemorySystemFactory factory, Machine machine) => _system = factory(machine);

    /// <summary>A system that did a whole scenario.</summary>
    public World(MemorySystemFactory factory, Scenario scenario)
        : this(factory, scenario.Machine) => Apply(scenario.Operations);

    /// <summary>Does an operation.</summary>
    public Outcome Apply(in Operation operation) => _system.Apply(operation);

    /// <summary>Does operations.</summary>
    public void Apply(IEnumerable<Operation> operations)
    {
        foreach (Operation operation in operations)
            _system.Apply(operation);
    }

    /// <summary>The present state; each call makes a new one.</summary>
    public MemoryState State()
    {
        var state = new MemoryState();
        state.Load(_system);
        return state;
    }
}

/// <summary>Choices that a law makes by itself: drawn from the scenario, so that the same scenario is always judged the same.</summary>
internal static class LawChoices
{
    /// <summary>A stream of choices that depends on the scenario alone.</summary>
    public static RandomChoices Of(Scenario scenario)
    {
        ulong hash = 14695981039346656037UL;
        foreach (Operation operation in scenario.Operations)
        {
            unchecked
            {
                hash = (hash ^ (ulong)operation.Address) * 1099511628211UL;
                hash = (hash ^ (ulong)operation.Length ^ (ulong)operation.Kind ^ ((ulong)operation.Process << 8)) * 1099511628211UL;
            }
        }
        return new RandomChoices(hash);
    }

    /// <summary>A process that has something mapped; null if none has.</summary>
    public static int? MappingProcess(MemoryState state, IChoices choices)
    {
        int[] candidates = [.. state.Processes.Where(process => process.RssAnon > 0).Select(process => process.Number)];
        return candidates.Length == 0 ? null : candidates[choices.Choose(candidates.Length)];
    }

    /// <summary>The smallest process number that is free.</summary>
    public static int FreeNumber(MemoryState state)
    {
        int number = 0;
        while (state.Processes.Any(process => process.Number == number))
            number++;
        return number;
    }
}
