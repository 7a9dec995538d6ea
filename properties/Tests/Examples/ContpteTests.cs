using System.Globalization;
using FolioCheck.Implementation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Examples;

/// <summary>
/// The contpte layer of the implementation in small traces, derived by hand from SPECIFICATION.md 7 and 17.28: blocks of 4, a folio of 8 pages. A raw event is
/// written as its kind, first page + count.
/// </summary>
public sealed class ContpteTests
{
    private const PteBits Folded = PteBits.Dirty | PteBits.Young | PteBits.Contiguous | PteBits.RawYoung | PteBits.RawDirty;

    private static readonly Machine _machine = new()
    {
        Arch = Arch.Arm64,
        ContPteEntries = 4,
        EntriesPerTable = 64,
        Frames = 256,
        Thp = ThpPolicy.Off.With(3, ThpMode.Always),
    };

    private readonly List<MemoryEvent> _events = [];
    private readonly MemoryState _state = new();
    private IMemorySystem _memory;

    public ContpteTests() => _memory = Begin(_machine);

    [Fact]
    public void A_large_folio_is_folded_when_it_is_mapped()
    {
        Assert.Equal(
            "Faulted 3+1, PteRead 0+8, PteStored 0+4, SetFolded 0+4, PteStored 4+4, SetFolded 4+4",
            Raw(Operation.Write(0, 3, 1)));
        Assert.Equal([(0, 8, Folded | PteBits.Writable)], Runs());
    }

    [Fact]
    public void Without_the_layer_nothing_is_folded()
    {
        _memory = Begin(_machine with { Arch = Arch.X86 });
        Assert.Equal("Faulted 3+1, PteRead 0+8, PteStored 0+8", Raw(Operation.Write(0, 3, 1)));
        Assert.Equal("PteRead 2+3, PteExchanged 2+3, Flushed 0+0", Raw(Operation.Munmap(0, 2, 3)));
    }

    [Fact]
    public void What_changes_in_part_is_unfolded()
    {
        Do(Operation.Write(0, 3, 1));
        Assert.Equal(
            "PteRead 2+4, PteRead 2+1, PteExchanged 0+4, Flushed 0+4, PteStored 0+4, Unfolded 0+4, "
            + "PteRead 4+1, PteExchanged 4+4, Flushed 4+4, PteStored 4+4, Unfolded 4+4, PteExchanged 2+3, Flushed 0+0",
            Raw(Operation.Munmap(0, 2, 3)));
    }

    [Fact]
    public void What_is_cleared_as_a_whole_stays_folded_to_the_end()
    {
        Do(Operation.Write(0, 3, 1));
        Assert.Equal("PteRead 0+4, PteExchanged 0+8, ClearedFolded 0+4, ClearedFolded 4+4, Flushed 0+0", Raw(Operation.Exit(0)));
    }

    /// <summary>Kp6: the last entry of a block completes it, if the others are there by then.</summary>
    [Fact]
    public void Entries_written_in_order_fold_once_and_backwards_never()
    {
        Do(Operation.Write(0, 3, 1));
        Assert.Equal(0, FoldsOfProtecting(7, 6, 5, 4));
        Assert.Equal(1, FoldsOfProtecting(0, 1, 2, 3));
        Assert.Equal([(0, 4, Folded), (4, 4, PteBits.Dirty | PteBits.Young)], Runs());
    }

    [Fact]
    public void Fork_keeps_both_sides_folded()
    {
        Do(Operation.Write(0, 3, 1));
        Assert.Equal(
            "PteRead 0+4, PteExchanged 0+8, PteStored 0+4, SetFolded 0+4, PteStored 4+4, SetFolded 4+4, Flushed 0+0",
            Raw(Operation.Fork(0, 1)));
        Assert.Equal([(0, 8, Folded), (0, 8, PteBits.Dirty | PteBits.Contiguous | PteBits.RawDirty)], Runs());
    }

    /// <summary>The hardware marks one descriptor; whoever reads sees it in the whole block, and unfolding writes it to all.</summary>
    [Fact]
    public void Young_and_dirty_are_gathered_over_a_block()
    {
        Do(Operation.Write(0, 3, 1));
        Assert.Equal("PteRead 0+4, PteRead 7+1, PteRead 0+1, PteExchanged 0+8, Flushed 0+0", Raw(Operation.Madvise(0, 0, 8, Advice.Free)));
        Do(Operation.Write(0, 1, 2));
        PteBits gathered = PteBits.Writable | PteBits.Dirty | PteBits.Young | PteBits.Contiguous;
        PteBits clean = PteBits.Writable | PteBits.Contiguous;
        Assert.Equal([(0, 1, gathered), (1, 1, Folded | PteBits.Writable), (2, 2, gathered), (4, 4, clean)], Runs());
        Do(Operation.Madvise(0, 0, 1, Advice.DontNeed));
        Assert.Equal([(1, 3, PteBits.Writable | PteBits.Dirty | PteBits.Young), (4, 4, clean)], Runs());
    }

    /// <summary>A block whose descriptors differ in young only is made young as a whole, so that the same access does not fault for ever.</summary>
    [Fact]
    public void Without_an_access_flag_of_the_hardware_a_block_faults_once()
    {
        _memory = Begin(_machine with { AccessFlags = AccessFlags.Software });
        Do(Operation.Write(0, 3, 1), Operation.Madvise(0, 0, 8, Advice.Free));
        Assert.Equal("Faulted 2+1, PteRead 2+1, PteRead 0+1, PteExchanged 0+4", Raw(Operation.Read(0, 2)));
        Assert.Equal("", Raw(Operation.Read(0, 0)));
        Assert.Equal("Faulted 0+1, PteRead 0+1, PteRead 0+1, PteExchanged 0+4, Flushed 0+4", Raw(Operation.WriteRange(0, 0, 4, 5)));
    }

    /// <summary>The endless fault: the block is young because of the descriptor that was stored through, but the one that is loaded through is not.</summary>
    [Fact]
    public void A_load_through_an_old_descriptor_of_a_young_block_faults_once()
    {
        _memory = Begin(_machine with { AccessFlags = AccessFlags.Mixed });
        Do(Operation.Write(0, 3, 1), Operation.Madvise(0, 0, 8, Advice.Free));
        Assert.Equal("", Raw(Operation.Write(0, 1, 2)));
        Assert.Equal("Faulted 2+1, PteRead 2+1, PteRead 0+1, PteExchanged 0+4", Raw(Operation.Read(0, 2)));
        Assert.Equal("", Raw(Operation.Read(0, 2)));
        Assert.Equal("", Raw(Operation.Read(0, 0)));
    }

    [Fact]
    public void A_page_that_is_made_writable_unfolds_its_block()
    {
        Do(Operation.Write(0, 3, 1), Operation.Fork(0, 1), Operation.Exit(0));
        Assert.Equal(
            "Faulted 5+1, PteRead 5+1, PteExchanged 4+4, Flushed 4+4, PteStored 4+4, Unfolded 4+4, PteExchanged 5+1, Flushed 5+1",
            Raw(Operation.Write(1, 5, 2)));
    }

    [Fact]
    public void A_move_by_whole_blocks_stays_folded()
    {
        const MremapFlags Fixed = MremapFlags.MayMove | MremapFlags.Fixed;
        Do(Operation.Write(0, 3, 1));
        Assert.Equal(
            "PteRead 0+4, PteExchanged 0+8, ClearedFolded 0+4, ClearedFolded 4+4, PteStored 68+4, SetFolded 68+4, PteStored 72+4, SetFolded 72+4, Flushed 0+0",
            Raw(Operation.Mremap(0, 0, 8, 8, Fixed, 68)));
    }

    private IMemorySystem Begin(Machine machine)
    {
        IMemorySystem memory = OptimizedMemory.Create(machine, _events);
        memory.Apply(Operation.Mmap(0, 0, 8));
        return memory;
    }

    private void Do(params ReadOnlySpan<Operation> operations)
    {
        foreach (Operation operation in operations)
            Assert.Equal(OutcomeKind.Ok, _memory.Apply(operation).Kind);
        _events.Clear();
    }

    /// <summary>The raw events of one operation, flushes among them.</summary>
    private string Raw(Operation operation)
    {
        _events.Clear();
        _memory.Apply(operation);
        return string.Join(", ", _events
            .Where(step => step.Kind is EventKind.Flushed or >= EventKind.Faulted)
            .Select(step => string.Create(CultureInfo.InvariantCulture, $"{step.Kind} {step.Page}+{step.Count}")));
    }

    /// <summary>How often taking the write bit from pages, one after the other, folds a block.</summary>
    private int FoldsOfProtecting(params ReadOnlySpan<long> pages)
    {
        _events.Clear();
        foreach (long page in pages)
            _memory.Apply(Operation.Mprotect(0, page, 1, Protection.Read));
        return _events.Count(step => step.Kind == EventKind.Folded);
    }

    private IEnumerable<(long Page, int Count, PteBits Bits)> Runs()
    {
        _state.Load(_memory);
        return _state.Runs.Select(run => (run.Page, run.Count, run.Bits | run.Folding));
    }
}
