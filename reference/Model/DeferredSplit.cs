using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>The queue of folios that may be split to give memory back, and its shrinker (deferred_split_folio, deferred_split_scan; SPECIFICATION.md 11.5, 17.24).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Oldest first.</summary>
    private readonly List<Folio> _deferredQueue = [];

    private long _underusedSplits;

    /// <summary>Marks a folio partially mapped and queues it, once. Order 1 has no place for the queue's links.</summary>
    private void DeferredSplit(Folio folio)
    {
        if (folio.Order <= 1 || folio.PartiallyMapped)
            return;
        folio.PartiallyMapped = true;
        _statistics[folio.Order].SplitDeferred++;
        if (!_deferredQueue.Contains(folio))
            _deferredQueue.Add(folio);
    }

    /// <summary>The shrinker looks at the oldest folios of the queue.</summary>
    private Outcome ShrinkDeferred(long count)
    {
        foreach (Folio folio in _deferredQueue.Take((int)Math.Clamp(count, 0, int.MaxValue)).ToList())
        {
            bool partial = folio.PartiallyMapped;
            if (!partial && !IsUnderused(folio))
            {
                _deferredQueue.Remove(folio);
                continue;
            }
            if (Split(folio))
            {
                _underusedSplits += partial ? 0 : 1;
                continue;
            }
            _deferredQueue.Remove(folio);
            // What is mostly zeroes is not tried again; what is partially mapped waits for its turn.
            if (partial)
                _deferredQueue.Add(folio);
        }
        return Outcome.Ok;
    }

    /// <summary>thp_underused: khugepaged's limit says how many pages full of zeroes are too many; the largest limit says that none are.</summary>
    private bool IsUnderused(Folio folio) =>
        _machine.MaxPtesNone < folio.Pages - 1 && folio.Contents.Count(token => token == 0) > _machine.MaxPtesNone;
}
