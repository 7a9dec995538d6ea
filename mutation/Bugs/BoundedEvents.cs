using System.Collections.ObjectModel;
using FolioCheck.Vocabulary;

namespace FolioCheck.Mutation;

/// <summary>
/// A list of micro-steps that refuses to grow without end: a loop that a bug made endless would fill the machine's memory long before its time
/// is over. The system then throws, which ends its run like any other failure.
/// </summary>
/// <param name="events">Where micro-steps go.</param>
internal sealed class BoundedEvents(IList<MemoryEvent> events) : Collection<MemoryEvent>(events)
{
    /// <summary>Far more than a scenario of the largest size and a law's own operations take.</summary>
    private const int Most = 1 << 20;

    /// <summary>A factory that hands bounded lists to another one.</summary>
    public static ObservedMemorySystemFactory Bound(ObservedMemorySystemFactory factory) => (machine, events) => factory(machine, new BoundedEvents(events));

    /// <inheritdoc/>
    protected override void InsertItem(int index, MemoryEvent item)
    {
        if (index >= Most)
            throw new InvalidOperationException($"more than {Most} micro-steps: an endless loop");
        base.InsertItem(index, item);
    }
}
