using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// One operation that changed something, with the states around it and what several features ask of them, worked out once and only when asked.
/// One object serves a whole run.
/// </summary>
public sealed class Scene
{
    private readonly List<FolioFacts> _folios = [];
    private readonly List<int> _places = [];
    private int[] _folioAtFrame = [];
    private bool _framesKnown;
    private BatchCuts? _cuts;
    private (PteRun? Before, PteRun? After)? _entries;

    /// <summary>The machine.</summary>
    public Machine Machine { get; private set; } = new();

    /// <summary>THP settings before the operation.</summary>
    public ThpPolicy Thp { get; private set; } = ThpPolicy.Off;

    /// <summary>The operation.</summary>
    public Operation Operation { get; private set; }

    /// <summary>Its outcome.</summary>
    public Outcome Outcome { get; private set; }

    /// <summary>State before.</summary>
    public MemoryState Before { get; private set; } = new();

    /// <summary>State after.</summary>
    public MemoryState After { get; private set; } = new();

    /// <summary>Facts of each large folio after, in the order of their canonical ids.</summary>
    public ReadOnlySpan<FolioFacts> Folios => CollectionsMarshal.AsSpan(_folios);

    /// <summary>What cuts the batches that the operation walks.</summary>
    public BatchCuts Cuts => _cuts ??= BatchWalk.CutsOf(this);

    /// <summary>The entry before of the page that the operation names; null where nothing was mapped.</summary>
    public PteRun? EntryBefore => Entries.Before;

    /// <summary>The entry after of the page that the operation names; null where nothing is mapped.</summary>
    public PteRun? EntryAfter => Entries.After;

    private (PteRun? Before, PteRun? After) Entries =>
        _entries ??= (Before.Find(Operation.Process, Operation.Address), After.Find(Operation.Process, Operation.Address));

    /// <summary>Looks at the next step.</summary>
    public void Load(in Step step)
    {
        Machine = step.Machine;
        Thp = step.Thp;
        Operation = step.Operation;
        Outcome = step.Outcome;
        Before = step.Before;
        After = step.After;
        _cuts = null;
        _entries = null;
        _framesKnown = false;
        FolioFacts.Fill(_folios, _places, After, Machine);
    }

    /// <summary>Whether the operation is a madvise with one of two advices.</summary>
    public bool Advises(Advice advice, Advice other) => Operation.Kind == OperationKind.Madvise && (Operation.Advice == advice || Operation.Advice == other);

    /// <summary>Whether the operation is a madvise with an advice.</summary>
    public bool Advises(Advice advice) => Advises(advice, advice);

    /// <summary>Whether the operation unmaps a range and nothing else.</summary>
    public bool Zaps => Operation.Kind switch
    {
        OperationKind.Munmap or OperationKind.Exit or OperationKind.Mmap or OperationKind.MmapFile => true,
        OperationKind.Madvise => Operation.Advice is Advice.DontNeed or Advice.DontNeedLocked or Advice.GuardInstall,
        _ => false,
    };

    /// <summary>The folio before that an entry before maps.</summary>
    public FolioView FolioBefore(in PteRun entry) => Before.Folios[entry.Folio];

    /// <summary>The same folio (frame and order) before the operation; null if it is new.</summary>
    public FolioView? Was(in FolioState folio)
    {
        KnowFrames();
        int id = _folioAtFrame[folio.Frame] - 1;
        return id >= 0 && Before.Folios[id].State.Order == folio.Order ? Before.Folios[id] : null;
    }

    /// <summary>By how much a counter of an order rose.</summary>
    public long Rise(int order, Func<OrderStatistics, long> counter) =>
        After.Statistics[order] is OrderStatistics after && Before.Statistics[order] is OrderStatistics before ? counter(after) - counter(before) : 0;

    /// <summary>Whether a counter rose for some order.</summary>
    public bool Rose(Func<OrderStatistics, long> counter) => Orders(counter) > 0;

    /// <summary>The number of orders for which a counter rose.</summary>
    public int Orders(Func<OrderStatistics, long> counter)
    {
        int orders = 0;
        for (int order = Machine.SmallestLargeOrder; order <= Machine.LargestPteOrder; order++)
        {
            if (Rise(order, counter) > 0)
                orders++;
        }
        return orders;
    }

    private void KnowFrames()
    {
        if (_framesKnown)
            return;
        _framesKnown = true;
        if (_folioAtFrame.Length < Machine.Frames)
            _folioAtFrame = new int[Machine.Frames];
        Array.Clear(_folioAtFrame);
        for (int id = 0; id < Before.Folios.Count; id++)
            _folioAtFrame[Before.Folios[id].State.Frame] = id + 1;
    }
}
