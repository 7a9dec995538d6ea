using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Costs;

/// <summary>Which micro-steps count as what.</summary>
public sealed class EventCountsTests
{
    private static readonly Machine _machine = new() { EntriesPerTable = 512, ContPteEntries = 16 };

    /// <summary>Entries are counted one by one, faults too; blocks and invalidations once each.</summary>
    [Theory]
    [InlineData(EventKind.Faulted, 1, "faults", 1)]
    [InlineData(EventKind.PteRead, 7, "reads", 7)]
    [InlineData(EventKind.PteStored, 16, "stores", 16)]
    [InlineData(EventKind.PteExchanged, 3, "exchanges", 3)]
    [InlineData(EventKind.Folded, 16, "folds", 1)]
    [InlineData(EventKind.SetFolded, 16, "set folded", 1)]
    [InlineData(EventKind.Unfolded, 16, "unfolds", 1)]
    [InlineData(EventKind.ClearedFolded, 16, "cleared folded", 1)]
    [InlineData(EventKind.Flushed, 0, "full invalidations", 1)]
    [InlineData(EventKind.Flushed, 1, "page invalidations", 1)]
    [InlineData(EventKind.Flushed, 16, "block invalidations", 1)]
    [InlineData(EventKind.Flushed, 512, "range invalidations", 1)]
    public void A_step_counts_once_under_its_name(EventKind kind, int count, string name, long expected)
    {
        EventCounts counts = EventCounts.Of([new MemoryEvent(kind, 0, 0, -1, count)], _machine);
        Assert.All(EventCounts.Kinds, each => Assert.Equal((each.Name, each.Name == name ? expected : 0), (each.Name, each.Of(counts))));
    }

    /// <summary>Steps that say what entries and folios mean, and cost nothing of their own, are not counted.</summary>
    [Fact]
    public void Steps_of_the_core_are_not_counted()
    {
        EventKind[] core = [EventKind.PteWritten, EventKind.PteCleared, EventKind.MapcountUp, EventKind.ReferenceDown, EventKind.FolioAllocated];
        Assert.Equal(default, EventCounts.Of(core.Select(kind => new MemoryEvent(kind, 0, 0, 0, 4)), _machine));
    }

    [Fact]
    public void Sums_have_every_kind()
    {
        MemoryEvent[] steps = [.. Enum.GetValues<EventKind>().Select(kind => new MemoryEvent(kind, 0, 0, -1, 16))];
        EventCounts once = EventCounts.Of(steps, _machine);
        Assert.All(EventCounts.Kinds, kind => Assert.Equal((kind.Name, 2 * kind.Of(once)), (kind.Name, kind.Of(once + once))));
    }
}
