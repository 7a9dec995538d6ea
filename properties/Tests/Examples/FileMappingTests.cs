using System.Globalization;
using FolioCheck.Implementation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Examples;

/// <summary>
/// The micro-steps of faults on the file in the implementation, derived by hand from SPECIFICATION.md 17.29: folios of 4 pages. A step is written as its kind,
/// first page (of a folio's step: its frame) + count.
/// </summary>
public sealed class FileMappingTests
{
    private readonly List<MemoryEvent> _events = [];
    private readonly IMemorySystem _memory;

    public FileMappingTests()
    {
        _memory = OptimizedMemory.Create(new Machine { EntriesPerTable = 16, Frames = 32, FilePages = 8, FileOrder = 2 }, _events);
        _memory.Apply(Operation.MmapFile(0, 0, 8, 0));
    }

    [Fact]
    public void The_first_fault_brings_the_folio_in_and_maps_it_whole() => Assert.Equal(
        "Faulted 1+1, FolioAllocated 0+4, ReferenceUp 0+3, PteRead 0+4, ReferenceUp 0+4, MapcountUp 0+4, PteStored 0+4, PteWritten 0+4",
        Steps(Operation.Read(0, 1)));

    [Fact]
    public void Where_a_neighbour_is_mapped_the_page_is_mapped_alone()
    {
        _memory.Apply(Operation.Read(0, 1));
        Assert.Equal("PteRead 1+1, PteExchanged 1+1, PteCleared 1+1, MapcountDown 1+1, Flushed 0+0, ReferenceDown 0+1", Steps(Operation.Madvise(0, 1, 1, Advice.DontNeed)));
        Assert.Equal("Faulted 1+1, PteRead 0+4, ReferenceUp 0+1, MapcountUp 1+1, PteStored 1+1, PteWritten 1+1", Steps(Operation.Write(0, 1, 7)));
    }

    private string Steps(Operation operation)
    {
        _events.Clear();
        _memory.Apply(operation);
        return string.Join(", ", _events.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Kind} {(e.Page < 0 ? e.Frame : e.Page)}+{e.Count}")));
    }
}
