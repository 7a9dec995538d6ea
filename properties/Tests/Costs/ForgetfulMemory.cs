using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties.Tests.Costs;

/// <summary>The reference, but that the folds of each operation are not told.</summary>
internal sealed class ForgetfulMemory(Machine machine, IList<MemoryEvent> events) : IMemorySystem
{
    private readonly IMemorySystem _memory = ReferenceMemory.Create(machine, events);

    public Outcome Apply(in Operation operation)
    {
        Outcome outcome = _memory.Apply(operation);
        for (int i = events.Count - 1; i >= 0; i--)
        {
            if (events[i].Kind == EventKind.Folded)
                events.RemoveAt(i);
        }
        return outcome;
    }

    public void Observe(Observation observation) => _memory.Observe(observation);
}
