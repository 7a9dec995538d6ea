using System.Collections.ObjectModel;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties.Tests.Lockstep;

/// <summary>A list of micro-steps that mislays those of one kind. Nothing else of the system that writes into it is wrong.</summary>
internal sealed class MislaidSteps(IList<MemoryEvent> steps, EventKind kind) : Collection<MemoryEvent>
{
    /// <summary>The reference, sound in all but its micro-steps.</summary>
    public static SystemUnderTest In(EventKind kind) => new(ReferenceMemory.Create) { CreateTraced = (machine, steps) => ReferenceMemory.Create(machine, new MislaidSteps(steps, kind)) };

    protected override void InsertItem(int index, MemoryEvent item)
    {
        if (item.Kind != kind)
            steps.Add(item);
    }
}
