using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>How a folio lies in the page tables: what the entries of each process say by themselves or together.</summary>
[Flags]
public enum FolioPlace
{
    /// <summary>As a fault laid it: in one piece, in one VMA, in one table, aligned.</summary>
    None = 0,

    /// <summary>A process maps it in two leaf tables.</summary>
    TwoTables = 1,

    /// <summary>A process maps it under two VMAs.</summary>
    TwoVmas = 2,

    /// <summary>A process maps it under two VMAs that have different rights.</summary>
    TwoRights = 4,

    /// <summary>Its first page is, or would be, at an address that is no multiple of its size.</summary>
    Unaligned = 8,

    /// <summary>Two of its pages lie in a process at another distance than in the folio.</summary>
    Torn = 16,

    /// <summary>In a process, pages of something else or of nothing lie between its pages.</summary>
    Interrupted = 32,

    /// <summary>Two processes map it at different addresses.</summary>
    TwoPlaces = 64,

    /// <summary>Some of its entries are in locked memory, and some are not.</summary>
    PartLocked = 128,
}

/// <summary>What the entries that map one folio have in common: worked out in one pass over the runs of a state.</summary>
public struct FolioFacts
{
    private int _process;
    private int _vma;
    private long _place;
    private long _table;
    private long _end;
    private int _count;
    private bool _byPmd;

    /// <summary>Canonical id.</summary>
    public int Id { get; private set; }

    /// <summary>Its fields.</summary>
    public FolioState State { get; private set; }

    /// <summary>How it lies.</summary>
    public FolioPlace Place { get; private set; }

    /// <summary>Bits that some entry has.</summary>
    public PteBits SomeBits { get; private set; }

    /// <summary>Bits that every entry has.</summary>
    public PteBits CommonBits { get; private set; }

    /// <summary>Flags that some VMA has that maps it.</summary>
    public VmaFlags SomeFlags { get; private set; }

    /// <summary>Processes that map every page of it.</summary>
    public int WholeSharers { get; private set; }

    /// <summary>Processes that map some pages of it, and not all.</summary>
    public int PartSharers { get; private set; }

    /// <summary>Processes that map it by a PMD: they map every page of it.</summary>
    public int PmdSharers { get; private set; }

    /// <summary>Pages.</summary>
    public readonly int Pages => 1 << State.Order;

    /// <summary>Processes that map it.</summary>
    public readonly int Sharers => WholeSharers + PartSharers;

    /// <summary>Slots that are taken.</summary>
    public readonly int Slots => (State.Slot0Process >= 0 ? 1 : 0) + (State.Slot1Process >= 0 ? 1 : 0);

    /// <summary>Whether some entries have a bit and some do not.</summary>
    public readonly bool Differ(PteBits bit) => (SomeBits & bit) != 0 && (CommonBits & bit) == 0;

    /// <summary>Works out the facts of every large folio of a state.</summary>
    /// <param name="facts">Where they go, by canonical id.</param>
    /// <param name="places">Room to remember which folio is where.</param>
    /// <param name="state">The state.</param>
    /// <param name="machine">The machine.</param>
    public static void Fill(List<FolioFacts> facts, List<int> places, MemoryState state, Machine machine)
    {
        facts.Clear();
        places.Clear();
        foreach (ref readonly FolioView folio in CollectionsMarshal.AsSpan(state.Folios))
        {
            bool large = folio.Pages > 1;
            places.Add(large ? facts.Count : -1);
            if (large)
                facts.Add(new FolioFacts { Id = places.Count - 1, State = folio.State, CommonBits = (PteBits)(-1), _process = -1 });
        }
        Span<FolioFacts> all = CollectionsMarshal.AsSpan(facts);
        foreach (ref readonly PteRun run in CollectionsMarshal.AsSpan(state.Runs))
        {
            int place = run.IsZeroPage ? -1 : places[run.Folio];
            if (place >= 0)
                all[place].Add(run, state, machine.EntriesPerTable);
        }
        foreach (ref FolioFacts folio in all)
            folio.EndProcess();
    }

    private void Add(in PteRun run, MemoryState state, int table)
    {
        long place = run.Page - run.Index;
        VmaFlags flags = state.Vmas[run.Vma].Flags;
        if (run.Process != _process)
        {
            if (_process >= 0 && place != _place)
                Place |= FolioPlace.TwoPlaces;
            if ((place & (Pages - 1)) != 0)
                Place |= FolioPlace.Unaligned;
            EndProcess();
            _process = run.Process;
        }
        else
        {
            Compare(run, state, place, table);
        }
        if (_place != place && _process == run.Process && _count > 0)
            Place |= FolioPlace.Torn;
        if (run.Page / table != (run.End - 1) / table)
            Place |= FolioPlace.TwoTables;
        if (CommonBits != (PteBits)(-1) && ((SomeFlags ^ flags) & VmaFlags.Locked) != 0)
            Place |= FolioPlace.PartLocked;
        SomeBits |= run.Bits;
        CommonBits &= run.Bits;
        SomeFlags |= flags;
        _vma = run.Vma;
        _place = place;
        _table = (run.End - 1) / table;
        _end = run.End;
        _count += run.Count;
        _byPmd |= run.IsPmd;
    }

    /// <summary>A further run of the process at hand.</summary>
    private void Compare(in PteRun run, MemoryState state, long place, int table)
    {
        if (run.Vma != _vma)
        {
            Place |= FolioPlace.TwoVmas;
            if (state.Vmas[run.Vma].Protection != state.Vmas[_vma].Protection)
                Place |= FolioPlace.TwoRights;
        }
        if (run.Page / table != _table)
            Place |= FolioPlace.TwoTables;
        if (place == _place && run.Page != _end)
            Place |= FolioPlace.Interrupted;
    }

    private void EndProcess()
    {
        if (_count == Pages)
            WholeSharers++;
        else if (_count > 0)
            PartSharers++;
        if (_byPmd)
            PmdSharers++;
        _count = 0;
        _byPmd = false;
    }
}
