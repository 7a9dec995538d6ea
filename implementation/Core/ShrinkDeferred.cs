using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>deferred_split_scan: the shrinker of the deferred-split queue (SPECIFICATION.md 11.5, 17.24).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>thp_underused_split_page.</summary>
    private long _underusedSplit;

    /// <summary>Looks at the oldest folios, each once.</summary>
    private Outcome ShrinkDeferred(long count)
    {
        DeferredSplit queue = _folios.Deferred;
        for (long left = Math.Min(count, queue.Count); left > 0; left--)
        {
            int folio = queue.First;
            queue.Unlink(folio);
            if (_folios.IsPartiallyMapped(folio))
                SplitPartiallyMapped(folio);
            else if (IsUnderused(folio))
                SplitUnderused(folio);
        }
        return Outcome.Ok;
    }

    /// <summary>A folio that cannot be split now waits for another time.</summary>
    private void SplitPartiallyMapped(int folio)
    {
        if (!SplitFolio(folio, newOrder: 0))
            _folios.Deferred.Append(folio);
    }

    private void SplitUnderused(int folio)
    {
        if (SplitFolio(folio, newOrder: 0))
            _underusedSplit++;
    }

    /// <summary>thp_underused: more pages are full of zeroes than khugepaged would fill in.</summary>
    private bool IsUnderused(int folio)
    {
        if (_machine.MaxPtesNone >= _machine.EntriesPerTable - 1)
            return false;
        return CountOf(0, _folios.Token.AsSpan(folio, 1 << _folios.Order[folio])) > _machine.MaxPtesNone;
    }
}
