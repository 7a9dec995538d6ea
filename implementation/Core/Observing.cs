using System.Numerics;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>The canonical picture of the present state (SPECIFICATION.md 17.9). Nothing is allocated once the arrays have grown.</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>ENTIRELY_MAPPED: what PMD mappings add to _nr_pages_mapped.</summary>
    private const int EntirelyMapped = 1 << 23;

    private readonly CanonicalIds _ids = new();
    private readonly List<(long Birth, int Folio)> _unmapped = [];

    /// <inheritdoc/>
    public void Observe(Observation observation)
    {
        observation.Clear();
        ObserveMachine(observation);
        for (int order = Machine.SmallestLargeOrder; _orders.IsLargeOrder(order); order++)
            observation.AddStatistics(order, _folios.Statistics[order]);
        _ids.Begin(_folios.Capacity);
        foreach (Process process in _processes.All)
            ObserveProcess(observation, process);
        NameUnmapped();
        for (int id = 0; id < _ids.FolioCount; id++)
            ObserveFolio(observation, id, _ids.Folio(id));
        ObserveDeferredQueue(observation);
    }

    private void ObserveMachine(Observation observation) => observation.AddMachine(new MachineState
    {
        AnonMapped = _rmap.AnonMapped,
        FreeFrames = _frames.FreeFrames,
        AnonThps = _rmap.AnonThps,
        FileMapped = _rmap.FileMapped,
        HugeZeroFrame = _hugeZeroFrame,
        SplitPmd = _splitPmd,
        CollapseAlloc = _collapseAlloc,
        CollapseAllocFailed = _collapseAllocFailed,
        ZeroPageAlloc = _zeroPageAlloc,
        UnderusedSplit = _underusedSplit,
    });

    private void ObserveProcess(Observation observation, Process process)
    {
        observation.AddProcess(process.Number, process.RssAnon, process.Table.Count, process.ThpDisable, process.RssFile);
        foreach (Vma vma in process.Vmas.All)
        {
            int anonVma = vma.AnonVma is null ? -1 : _ids.Of(vma.AnonVma);
            observation.AddVma(vma.Start, vma.End - vma.Start, vma.Protection, vma.Flags, vma.Offset, anonVma);
            Smaps smaps = new() { ThpEligible = _orders.IsEligible(process.ThpDisable, vma) };
            foreach (PageTable.LeafRange range in process.Table.Within(vma.Start, vma.End))
            {
                if (range.Pmd is { } pmd)
                    ObservePmd(observation, range, pmd, vma.IsLocked, ref smaps);
                else
                    ObserveEntries(observation, range, vma.IsLocked, ref smaps);
            }
            smaps.Locked >>= KilobyteOfSharesShift;
            observation.AddSmaps(smaps);
        }
    }

    /// <summary>Folios that only references or the page cache keep alive come after the mapped ones, oldest first.</summary>
    private void NameUnmapped()
    {
        foreach (Process process in _processes.All)
        {
            foreach (Handle handle in process.Handles.Named)
                GatherUnmapped(handle);
            foreach (Handle handle in process.Handles.Lost)
                GatherUnmapped(handle);
        }
        GatherUnmappedOfFile();
        if (_unmapped.Count == 0)
            return;
        _unmapped.Sort();
        foreach ((_, int folio) in _unmapped)
            _ids.Of(folio);
        _unmapped.Clear();
    }

    private void GatherUnmapped(Handle handle)
    {
        foreach ((int folio, _) in handle.Held)
        {
            if (_folios.MapcountOf(folio) == 0)
                _unmapped.Add((_folios.Birth[folio], folio));
        }
    }

    private void ObserveFolio(Observation observation, int id, int folio)
    {
        if (_folios.Order[folio] == 0)
            ObserveSmallFolio(observation, id, folio);
        else
            ObserveLargeFolio(observation, id, folio);
    }

    /// <summary>The plain path's shortcut for the commonest folio: one page, no slots, never queued.</summary>
    private void ObserveSmallFolio(Observation observation, int id, int folio)
    {
        int mapcount = _folios.Mapcount[folio];
        FolioFlags flags = _folios.Flags[folio];
        observation.AddFolio(new FolioState
        {
            Id = id,
            Order = 0,
            Frame = folio,
            References = _folios.References[folio],
            Mapcount = mapcount,
            NrPagesMapped = 0,
            Slot0Process = -1,
            Slot0Count = 0,
            Slot1Process = -1,
            Slot1Count = 0,
            MaybeMappedShared = false,
            PartiallyMapped = false,
            Queued = false,
            SwapBacked = (flags & FolioFlags.SwapBacked) != 0,
            Dirty = (flags & FolioFlags.Dirty) != 0,
            Mlocked = (flags & FolioFlags.Mlocked) != 0,
            MlockCount = _folios.MlockCount[folio],
            FilePage = FilePageOf(folio),
        });
        observation.AddPages(RecordKind.Mapcounts, 1)[0] = mapcount;
        observation.AddPages(RecordKind.Exclusive, 1)[0] = mapcount > 0 && _folios.AnonExclusive[folio] ? 1 : 0;
        observation.AddPages(RecordKind.Contents, 1)[0] = _folios.Token[folio];
    }

    private void ObserveLargeFolio(Observation observation, int id, int folio)
    {
        int order = _folios.Order[folio];
        int pages = 1 << order;
        (int process0, int count0) = _folios.MmIds.Slot0(folio);
        (int process1, int count1) = _folios.MmIds.Slot1(folio);
        FolioFlags flags = _folios.Flags[folio];
        observation.AddFolio(new FolioState
        {
            Id = id,
            Order = order,
            Frame = folio,
            References = _folios.References[folio],
            Mapcount = _folios.LargeMapcount[folio],
            EntireMapcount = _folios.EntireMapcount[folio],
            NrPagesMapped = _folios.PagesMapped[folio] + (_folios.EntireMapcount[folio] > 0 ? EntirelyMapped : 0),
            Slot0Process = process0,
            Slot0Count = count0,
            Slot1Process = process1,
            Slot1Count = count1,
            MaybeMappedShared = _folios.MmIds.IsShared(folio),
            Pins = _folios.Pins[folio],
            PartiallyMapped = (flags & FolioFlags.PartiallyMapped) != 0,
            Queued = _folios.Deferred.IsQueued(folio),
            SwapBacked = (flags & FolioFlags.SwapBacked) != 0,
            Dirty = (flags & FolioFlags.Dirty) != 0,
            Mlocked = (flags & FolioFlags.Mlocked) != 0,
            MlockCount = _folios.MlockCount[folio],
            FilePage = FilePageOf(folio),
        });
        ReadOnlySpan<int> mapcounts = _folios.Mapcount.AsSpan(folio, pages);
        Widen(mapcounts, observation.AddPages(RecordKind.Mapcounts, pages));
        Span<long> exclusive = observation.AddPages(RecordKind.Exclusive, pages);
        for (int page = 0; page < exclusive.Length; page++)
            exclusive[page] = mapcounts[page] > 0 && _folios.AnonExclusive[folio + page] ? 1 : 0;
        // Under a PMD the first page speaks for all.
        if (_folios.EntireMapcount[folio] > 0)
            exclusive[0] = _folios.AnonExclusive[folio] ? 1 : 0;
        Widen(_folios.Token.AsSpan(folio, pages), observation.AddPages(RecordKind.Contents, pages));
    }

    /// <summary>First page of a folio in the file; -1 for anonymous memory.</summary>
    private int FilePageOf(int folio) => _folios.IsOfFile(folio) ? (int)_folios.Index[folio] : -1;

    private void ObserveDeferredQueue(Observation observation)
    {
        Span<long> queue = observation.AddDeferredQueue(_folios.Deferred.Count);
        int folio = _folios.Deferred.First;
        for (int place = 0; place < queue.Length; place++)
        {
            queue[place] = _ids.Of(folio);
            folio = _folios.Deferred.After(folio);
        }
    }

    private static void Widen(ReadOnlySpan<int> values, Span<long> wide)
    {
        int done = 0;
        for (; values.Length - done >= Vector<int>.Count; done += Vector<int>.Count)
        {
            Vector.Widen(new Vector<int>(values[done..]), out Vector<long> low, out Vector<long> high);
            low.CopyTo(wide[done..]);
            high.CopyTo(wide[(done + Vector<long>.Count)..]);
        }
        for (; done < values.Length; done++)
            wide[done] = values[done];
    }
}
