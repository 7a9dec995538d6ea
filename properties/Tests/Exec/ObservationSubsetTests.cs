using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>What a declared part of an observation leaves, and what it takes away.</summary>
public sealed class ObservationSubsetTests
{
    private static ObservationSubset Of(params string[] names)
    {
        Assert.Null(ObservationSubset.Parse(names, out ObservationSubset subset));
        return subset;
    }

    /// <summary>A folio of four pages, of which a second VMA holds the second half, and a lone page before it.</summary>
    private static Observation Example()
    {
        var machine = new Machine { EntriesPerTable = 8, ContPteEntries = 4, Frames = 64, Thp = ThpPolicy.Off.With(2, ThpMode.Always) };
        IMemorySystem memory = ReferenceMemory.Create(machine);
        foreach (Operation operation in new[]
        {
            Operation.Mmap(0, 3, 5), Operation.Read(0, 3), Operation.Write(0, 5, 42), Operation.Mprotect(0, 6, 2, Protection.Read),
        })
            Assert.Equal(OutcomeKind.Ok, memory.Apply(operation).Kind);
        var observation = new Observation();
        memory.Observe(observation);
        return observation;
    }

    private static string Text(ObservationSubset subset)
    {
        var result = new Observation();
        subset.Project(Example(), result);
        var records = new List<string>();
        foreach (ObservationRecord record in result)
            records.Add($"{ObservationSubset.TableOf(record.Kind)} {string.Join(' ', record.Fields.ToArray())}");
        return string.Join("; ", records);
    }

    [Fact]
    public void Everything_is_everything()
    {
        var result = new Observation();
        ObservationSubset.Complete.Project(Example(), result);
        Assert.True(result.SameAs(Example()));
        Assert.True(Of("*").IsComplete);
        Assert.Empty(Of("*").LeftOut);
    }

    [Theory]
    [InlineData("machine", "machine 4 60 0 -1 0 0 0 0 0 0")]
    [InlineData("machine.free_frames", "machine 0 60 0 0 0 0 0 0 0 0")]
    [InlineData("processes.rss_anon", "processes 0 4 0 0 0")]
    [InlineData("vmas.protection", "processes 0 0 0 0 0; vmas 3 3 3 0 0 0; vmas 6 2 1 0 0 0")]
    [InlineData("values", "processes 0 0 0 0 0; values 5 42")]
    public void A_part_is_left(string name, string expected) => Assert.Equal(expected, Text(Of(name)));

    [Fact]
    public void Runs_go_on_where_nothing_that_is_shown_ends_them()
    {
        // Rights differ between the halves, the VMAs differ, the zero page stands before.
        Assert.Equal("processes 0 0 0 0 0; entries 4 2 0 0 1; entries 6 2 0 0 0", Text(Of("entries.bits.writable")));
        Assert.Equal("processes 0 0 0 0 0; entries 4 4 0 0 4", Text(Of("entries.bits.young")));
        Assert.Equal("processes 0 0 0 0 0; entries 4 4 0 0 0", Text(Of("entries.index")));
        Assert.Equal("processes 0 0 0 0 0; entries 3 1 -1 0 0; entries 4 4 0 0 0", Text(Of("entries.folio", "entries.zero_page")));
    }

    [Fact]
    public void What_a_part_needs_comes_with_it()
    {
        Assert.Equal(["processes.process", "entries.page", "entries.count", "entries.folio", "folios.folio", "contents"], Of("contents").Included);
        Assert.Equal(["processes.process", "vmas.start", "vmas.length", "vmas.flags.locked"], Of("vmas.flags.locked").Included);
    }

    [Fact]
    public void A_name_that_is_none_is_said() => Assert.Equal("folios.colour", ObservationSubset.Parse(["machine", "folios.colour"], out _));

    private static readonly string[] MachineFields =
    [
        "machine.anon_mapped", "machine.free_frames", "machine.anon_thps", "machine.huge_zero_frame", "machine.split_pmd", "machine.collapse_alloc",
        "machine.collapse_alloc_failed", "machine.zero_page_alloc", "machine.underused_split", "machine.file_mapped",
    ];

    [Fact]
    public void Tables_that_are_whole_are_named_alone()
    {
        Assert.Equal("machine, vmas (start, length, flags.locked)", ObservationSubset.Describe([.. MachineFields, "vmas.start", "vmas.length", "vmas.flags.locked"]));
        Assert.Equal("nothing", ObservationSubset.Describe([]));
    }
}
