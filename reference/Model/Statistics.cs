using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Per-size THP counters. Events are counted as they happen; nr_anon and nr_anon_partially_mapped are counted among the live folios.</summary>
public sealed partial class ReferenceMemory
{
    private struct EventCounters
    {
        public long AnonFaultAlloc;
        public long AnonFaultFallback;
        public long Split;
        public long SplitFailed;
        public long SplitDeferred;
    }

    /// <summary>By order.</summary>
    private readonly EventCounters[] _statistics;

    private OrderStatistics StatisticsOf(int order) => new()
    {
        AnonFaultAlloc = _statistics[order].AnonFaultAlloc,
        AnonFaultFallback = _statistics[order].AnonFaultFallback,
        Split = _statistics[order].Split,
        SplitFailed = _statistics[order].SplitFailed,
        SplitDeferred = _statistics[order].SplitDeferred,
        NrAnon = _folios.Count(folio => folio.Order == order && !folio.IsFile),
        NrAnonPartiallyMapped = _folios.Count(folio => folio.Order == order && folio.PartiallyMapped),
    };
}
