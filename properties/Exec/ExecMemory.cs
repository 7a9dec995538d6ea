using FolioCheck.Vocabulary;

namespace FolioCheck.Exec;

/// <summary>A memory system in a program. It remembers what it did, so that it can be put into another program, or back into one that did something else since.</summary>
internal sealed class ExecMemory(ExecSystem system, Machine machine) : IMemorySystem
{
    private readonly List<Operation> _done = [];

    /// <summary>Its machine.</summary>
    public Machine Machine { get; } = machine;

    /// <summary>What it did so far.</summary>
    public IReadOnlyList<Operation> Done => _done;

    /// <inheritdoc/>
    public Outcome Apply(in Operation operation)
    {
        Outcome outcome = system.Apply(this, operation);
        _done.Add(operation);
        return outcome;
    }

    /// <inheritdoc/>
    public void Observe(Observation observation) => system.Observe(this, observation);
}
