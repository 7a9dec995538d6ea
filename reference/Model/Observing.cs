using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>The canonical picture, counted anew from the page tables (SPECIFICATION.md 2, 3.5, 5.8, 17.9).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Canonical ids, given in the order in which things are first met.</summary>
    private sealed class Ids<T>
        where T : class
    {
        private readonly Dictionary<T, int> _ids = new(ReferenceEqualityComparer.Instance);

        public List<T> Known { get; } = [];

        public int Of(T thing)
        {
            if (!_ids.TryGetValue(thing, out int id))
            {
                id = Known.Count;
                _ids.Add(thing, id);
                Known.Add(thing);
            }
            return id;
        }
    }

    /// <inheritdoc/>
    public void Observe(Observation observation)
    {
        observation.Clear();
        var census = new Census(_processes.Values);
        var folios = new Ids<Folio>();
        var anonVmas = new Ids<AnonVma>();

        observation.AddMachine(ObserveMachine(census));
        for (int order = Machine.SmallestLargeOrder; order <= _machine.PmdOrder; order++)
            observation.AddStatistics(order, StatisticsOf(order));
        foreach (Process process in _processes.Values)
        {
            observation.AddProcess(
                process.Number, process.PageTable.Descriptors.Count(pte => pte.Folio is { IsFile: false }), process.Tables.Count, process.ThpDisable,
                process.PageTable.Descriptors.Count(pte => pte.Folio is { IsFile: true }));
            foreach (Vma vma in process.Vmas.Values)
                ObserveVma(observation, process, vma, census, folios, anonVmas);
        }
        // Live folios that nothing maps come last, by birth.
        foreach (Folio folio in _folios)
            folios.Of(folio);
        foreach (Folio folio in folios.Known)
            ObserveFolio(observation, folio, folios.Of(folio), census[folio]);
        Span<long> queue = observation.AddDeferredQueue(_deferredQueue.Count);
        for (int i = 0; i < queue.Length; i++)
            queue[i] = folios.Of(_deferredQueue[i]);
    }

    private MachineState ObserveMachine(Census census) => new()
    {
        AnonMapped = _folios.Where(folio => !folio.IsFile).Sum(folio => census[folio].PagesMapped),
        FreeFrames = _frameInUse.AsSpan().Count(false),
        AnonThps = _folios.Where(folio => census[folio].Entire > 0).Sum(folio => folio.Pages),
        HugeZeroFrame = _hugeZero?.Frame ?? -1,
        SplitPmd = _splitPmds,
        CollapseAlloc = _collapseAllocs,
        CollapseAllocFailed = _collapseAllocsFailed,
        ZeroPageAlloc = _zeroPageAllocs,
        UnderusedSplit = _underusedSplits,
        FileMapped = _folios.Where(folio => folio.IsFile).Sum(folio => census[folio].PagesMapped),
    };

    private void ObserveVma(
        Observation observation, Process process, Vma vma, Census census, Ids<Folio> folios, Ids<AnonVma> anonVmas)
    {
        int anonVma = vma.AnonVma is null ? -1 : anonVmas.Of(vma.AnonVma);
        observation.AddVma(vma.Start, vma.Length, vma.Protection, vma.Flags, vma.Offset - vma.Start, anonVma);
        var smaps = new Smaps { ThpEligible = IsThpEligible(process, vma) };
        long lockedShare = 0;
        var guards = new Queue<long>(process.GuardsIn(vma.Start, vma.End));
        foreach ((long page, Pte pte) in process.Entries(vma.Start, vma.End))
        {
            ObserveGuards(observation, guards, page);
            int folio = pte.Folio is null ? ObservationLayout.ZeroPage : folios.Of(pte.Folio);
            observation.AddPtes(page, 1, folio, pte.Index, BitsOf(pte, process.PageTable.Descriptor(page)));
            if (pte.Folio is null)
                continue;
            smaps.AnonHugePages += pte.Pmd ? 1 : 0;
            Account(ref smaps, pte, pte.Folio, census[pte.Folio].Mapcounts[pte.Index]);
            if (vma.IsLocked)
                lockedShare += Share(pte, pte.Folio, census[pte.Folio]);
        }
        ObserveGuards(observation, guards, vma.End);
        smaps.Locked = lockedShare / OneKilobyte;
        observation.AddSmaps(smaps);
    }

    /// <summary>Takes the guard markers before a page out of the queue.</summary>
    private static void ObserveGuards(Observation observation, Queue<long> guards, long page)
    {
        while (guards.TryPeek(out long guard) && guard < page)
            observation.AddPtes(guards.Dequeue(), 1, ObservationLayout.GuardMarker, 0, PteBits.None);
    }

    /// <summary>The proportional share of one page, in bytes with 12 more binary places (PSS_SHIFT).</summary>
    private static long Share(Pte pte, Folio folio, FolioCount count)
    {
        const long OnePage = 4096L << 12;
        bool onlyReference = count.Mapcount + folio.ExtraReferences == 1;
        return onlyReference ? OnePage : OnePage / count.Mapcounts[pte.Index];
    }

    private const long OneKilobyte = 1024L << 12;

    private static PteBits BitsOf(Pte pte, Pte descriptor) =>
        (pte.Writable ? PteBits.Writable : 0) | (pte.Dirty ? PteBits.Dirty : 0) | (pte.Young ? PteBits.Young : 0)
        | (pte.ProtNone ? PteBits.ProtNone : 0) | (pte.UffdWp ? PteBits.UffdWp : 0) | (pte.SoftDirty ? PteBits.SoftDirty : 0)
        | (pte.Pmd ? PteBits.Pmd : 0) | (pte.Contiguous ? PteBits.Contiguous : 0)
        | (pte.Contiguous && descriptor.Young ? PteBits.RawYoung : 0) | (pte.Contiguous && descriptor.Dirty ? PteBits.RawDirty : 0);

    /// <summary>smaps_account for one page.</summary>
    private static void Account(ref Smaps smaps, Pte pte, Folio folio, int mapcount)
    {
        bool dirty = pte.Dirty || folio.Dirty;
        smaps.Rss++;
        smaps.Anonymous += folio.IsFile ? 0 : 1;
        if (!folio.IsFile && !folio.SwapBacked && !dirty)
            smaps.LazyFree++;
        if (mapcount == 1 && dirty)
            smaps.PrivateDirty++;
        else if (mapcount == 1)
            smaps.PrivateClean++;
        else if (dirty)
            smaps.SharedDirty++;
        else
            smaps.SharedClean++;
    }

    /// <summary>ENTIRELY_MAPPED: what _nr_pages_mapped has more where a PMD maps the folio.</summary>
    private const int EntirelyMapped = 1 << 23;

    /// <summary>_nr_pages_mapped: pages that entries map, and a mark for PMD mappings.</summary>
    private static int PagesMapped(Folio folio, FolioCount count)
    {
        int byEntries = Enumerable.Range(0, folio.Pages).Count(page => count.Mapcounts[page] > count.Entire);
        return byEntries + (count.Entire > 0 ? EntirelyMapped : 0);
    }

    private void ObserveFolio(Observation observation, Folio folio, int id, FolioCount count)
    {
        observation.AddFolio(new FolioState
        {
            Id = id,
            Order = folio.Order,
            Frame = folio.Frame,
            References = count.Mapcount + folio.ExtraReferences,
            Mapcount = count.Mapcount,
            EntireMapcount = count.Entire,
            NrPagesMapped = folio.IsLarge ? PagesMapped(folio, count) : 0,
            Slot0Process = folio.Slots[0].Process?.Number ?? -1,
            Slot0Count = folio.Slots[0].Count,
            Slot1Process = folio.Slots[1].Process?.Number ?? -1,
            Slot1Count = folio.Slots[1].Count,
            MaybeMappedShared = folio.MaybeMappedShared,
            Pins = folio.Pins,
            PartiallyMapped = folio.PartiallyMapped,
            Queued = _deferredQueue.Contains(folio),
            SwapBacked = folio.SwapBacked,
            Dirty = folio.Dirty,
            Mlocked = folio.Mlocked,
            MlockCount = folio.MlockCount,
            FilePage = folio.FilePage,
        });
        Span<long> mapcounts = observation.AddPages(RecordKind.Mapcounts, folio.Pages);
        for (int i = 0; i < mapcounts.Length; i++)
            mapcounts[i] = count.Mapcounts[i] - count.Entire;
        Span<long> exclusive = observation.AddPages(RecordKind.Exclusive, folio.Pages);
        for (int i = 0; i < exclusive.Length; i++)
            exclusive[i] = folio.Exclusive[i] && (mapcounts[i] > 0 || i == 0 && count.Entire > 0) ? 1 : 0;
        Span<long> contents = observation.AddPages(RecordKind.Contents, folio.Pages);
        for (int i = 0; i < contents.Length; i++)
            contents[i] = folio.Contents[i];
    }
}
