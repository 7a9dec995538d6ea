using System.Globalization;
using FolioCheck.Kernel;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>
/// A memory system that knows no rule: it shows, step by step, what a transcript recorded. Its pictures go through the same observation
/// records and the same comparison as those of a model, so playing a transcript back against itself checks the comparison alone.
/// </summary>
internal sealed class PlaybackMemory(IReadOnlyList<TranscriptRecord> records) : IMemorySystem
{
    private readonly OrderStatistics[] _statistics = new OrderStatistics[Machine.LargestPmdOrder + 1];
    private Dictionary<(int Slot, long Page), long> _framesBefore = [];
    private Dictionary<(int Slot, long Page), long> _frames = [];
    private long[] _folioFrames = [];
    private long _nextFrame = 1 << Machine.LargestPmdOrder;
    private int _step = -1;
    private MachineState _machine;

    public Outcome Apply(in Operation operation)
    {
        TranscriptRecord record = records[++_step];
        foreach ((string counter, long delta) in record.Deltas)
            Count(counter, delta);
        _framesBefore = _frames;
        _frames = [];
        ChooseFrames(record.State);
        int number = (int)record.Outcome.Number;
        return record.Outcome.Kind switch
        {
            RecordedOutcomeKind.Error => Outcome.Error((Errno)number),
            RecordedOutcomeKind.Signal => number == 7 ? Outcome.BusError(0) : Outcome.SegmentationFault,
            _ when operation.Kind is OperationKind.Get or OperationKind.ReadRemote => Outcome.Token(number / 4096),
            _ => Outcome.Token(number),
        };
    }

    public void Observe(Observation observation)
    {
        observation.Clear();
        observation.AddMachine(_machine);
        for (int order = Machine.SmallestLargeOrder; order < _statistics.Length; order++)
            observation.AddStatistics(order, _statistics[order]);
        if (_step < 0)
            observation.AddProcess(0, 0, 0, ThpDisable.None);
        else
            Show(observation, records[_step].State);
        observation.AddDeferredQueue(0);
    }

    private void Count(string counter, long delta)
    {
        string[] words = counter.Split('.');
        if (words[0] == "vm")
        {
            _machine = words[1] switch
            {
                "thp_split_pmd" => _machine with { SplitPmd = _machine.SplitPmd + delta },
                "thp_collapse_alloc" => _machine with { CollapseAlloc = _machine.CollapseAlloc + delta },
                "thp_zero_page_alloc" => _machine with { ZeroPageAlloc = _machine.ZeroPageAlloc + delta },
                _ => _machine,
            };
            return;
        }
        int order = TranscriptMachine.Order(int.Parse(words[0], CultureInfo.InvariantCulture));
        ref OrderStatistics statistics = ref _statistics[order];
        switch (words[1])
        {
            case "anon_fault_alloc": statistics.AnonFaultAlloc += delta; break;
            case "anon_fault_fallback": statistics.AnonFaultFallback += delta; break;
            case "split": statistics.Split += delta; break;
            case "split_failed": statistics.SplitFailed += delta; break;
            case "split_deferred": statistics.SplitDeferred += delta; break;
            case "nr_anon": statistics.NrAnon += delta; break;
            case "nr_anon_partially_mapped": statistics.NrAnonPartiallyMapped += delta; break;
            default: throw new InvalidOperationException(counter + " has no place in an observation");
        }
    }

    private void ChooseFrames(RecordedState state)
    {
        _folioFrames = [.. state.Folios.Select(folio => FrameKept(state, folio.Id) ?? NewFrame(folio.Order))];
        foreach ((int slot, long page, RecordedRun run) in MappedRuns(state))
        {
            for (long entry = 0; entry < run.Count; entry++)
                _frames[(slot, page + entry)] = _folioFrames[run.Folio] + run.Index + entry;
        }
    }

    private long? FrameKept(RecordedState state, int folio)
    {
        foreach ((int slot, long page, RecordedRun run) in MappedRuns(state))
        {
            if (run.Folio == folio && run.Flags.Contains('K', StringComparison.Ordinal))
                return _framesBefore[(slot, page)] - run.Index;
        }
        return null;
    }

    private long NewFrame(int order)
    {
        long pages = 1L << order;
        long frame = (_nextFrame + pages - 1) / pages * pages;
        _nextFrame = frame + pages;
        return frame;
    }

    private static IEnumerable<(int Slot, long Page, RecordedRun Run)> MappedRuns(RecordedState state) =>
        from process in state.Processes
        from vma in process.Vmas
        from run in vma.Runs
        where run.Kind == 'M'
        select (process.Slot, vma.Start + run.Page, run);

    private void Show(Observation observation, RecordedState state)
    {
        foreach (RecordedProcess process in state.Processes)
        {
            observation.AddProcess(process.Slot, 0, 0, ThpDisable.None);
            foreach (RecordedVma vma in process.Vmas)
                Show(observation, vma);
        }
        foreach (RecordedFolio folio in state.Folios)
            Show(observation, folio, state);
    }

    private static void Show(Observation observation, RecordedVma vma)
    {
        Protection protection = (vma.Permissions[0] == 'r' ? Protection.Read : 0) | (vma.Permissions[1] == 'w' ? Protection.Write : 0);
        VmaFlags flags = 0;
        foreach (string word in vma.Flags.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            flags |= word switch
            {
                "lo" => VmaFlags.Locked,
                "lf" => VmaFlags.LockOnFault,
                "uw" => VmaFlags.UffdWp,
                "hg" => VmaFlags.HugePage,
                "nh" => VmaFlags.NoHugePage,
                "dc" => VmaFlags.DontFork,
                "wf" => VmaFlags.WipeOnFork,
                _ => VmaFlags.None,
            };
        }
        observation.AddVma(vma.Start, vma.Length, protection, flags, 0, -1);
        foreach (RecordedRun run in vma.Runs)
            observation.AddPtes(vma.Start + run.Page, run.Count, run.Kind == 'G' ? ObservationLayout.GuardMarker : run.Folio, (int)run.Index, Bits(run.Flags));
        observation.AddSmaps(new Smaps
        {
            Rss = Pages(vma, "Rss"),
            Anonymous = Pages(vma, "Anonymous"),
            PrivateClean = Pages(vma, "Private_Clean"),
            PrivateDirty = Pages(vma, "Private_Dirty"),
            SharedClean = Pages(vma, "Shared_Clean"),
            SharedDirty = Pages(vma, "Shared_Dirty"),
            LazyFree = Pages(vma, "LazyFree"),
            Locked = vma.Smaps.GetValueOrDefault("Locked"),
            AnonHugePages = Pages(vma, "AnonHugePages"),
            ThpEligible = vma.Smaps.ContainsKey("THPeligible"),
        });
    }

    private static long Pages(RecordedVma vma, string field) => vma.Smaps.GetValueOrDefault(field) / TranscriptFormat.PageKilobytes;

    private static PteBits Bits(string flags) =>
        (flags.Contains('W', StringComparison.Ordinal) ? PteBits.Writable : 0)
        | (flags.Contains('D', StringComparison.Ordinal) ? PteBits.Dirty : 0)
        | (flags.Contains('N', StringComparison.Ordinal) ? PteBits.ProtNone : 0)
        | (flags.Contains('U', StringComparison.Ordinal) ? PteBits.UffdWp : 0)
        | (flags.Contains('P', StringComparison.Ordinal) ? PteBits.Pmd : 0);

    private void Show(Observation observation, RecordedFolio folio, RecordedState state)
    {
        observation.AddFolio(Fields(folio));
        Fill(observation.AddPages(RecordKind.Mapcounts, 1 << folio.Order), folio.Mapcounts.Select(run => (run.Count - (folio.Large?.EntireMapcount ?? 0), run.Pages, 0)));
        ShowExclusive(observation.AddPages(RecordKind.Exclusive, 1 << folio.Order), folio.Id, state);
        Fill(observation.AddPages(RecordKind.Contents, 1 << folio.Order), folio.Tokens.Select(run => (run.Value, run.Pages, run.Step)));
    }

    private FolioState Fields(RecordedFolio folio)
    {
        TrackedMm first = folio.Large?.Tracked.ElementAtOrDefault(0) is { Process: not null } one ? one : new TrackedMm("-1", 0);
        TrackedMm second = folio.Large?.Tracked.ElementAtOrDefault(1) is { Process: not null } two ? two : new TrackedMm("-1", 0);
        return new FolioState
        {
            Id = folio.Id,
            Order = folio.Order,
            Frame = (int)_folioFrames[folio.Id],
            References = (int)folio.References,
            Mapcount = (int)(folio.Large?.Mapcount ?? folio.Mapcounts[0].Count),
            EntireMapcount = (int)(folio.Large?.EntireMapcount ?? 0),
            NrPagesMapped = (int)(folio.Large?.NrPagesMapped ?? 0),
            Slot0Process = int.Parse(second.Process, CultureInfo.InvariantCulture),
            Slot0Count = (int)second.Count,
            Slot1Process = int.Parse(first.Process, CultureInfo.InvariantCulture),
            Slot1Count = (int)first.Count,
            MaybeMappedShared = folio.Large?.MaybeMappedShared ?? false,
            Pins = (int)(folio.Large?.Pins ?? 0),
            PartiallyMapped = folio.Large?.PartiallyMapped ?? false,
            Queued = folio.Large?.Queued ?? false,
            SwapBacked = folio.KernelFlags.Contains("swapbacked"),
            Dirty = folio.KernelFlags.Contains("dirty"),
            Mlocked = folio.KernelFlags.Contains("mlocked"),
            MlockCount = 0,
        };
    }

    private static void ShowExclusive(Span<long> exclusive, int folio, RecordedState state)
    {
        exclusive.Clear();
        foreach ((_, _, RecordedRun run) in MappedRuns(state))
        {
            if (run.Folio == folio && run.Flags.Contains('X', StringComparison.Ordinal))
                exclusive.Slice((int)run.Index, (int)run.Count).Fill(1);
        }
    }

    private static void Fill(Span<long> pages, IEnumerable<(long Value, int Pages, int Step)> runs)
    {
        int page = 0;
        foreach ((long value, int count, int step) in runs)
        {
            for (int place = 0; place < count; place++)
                pages[page++] = value + (place * step);
        }
    }
}
