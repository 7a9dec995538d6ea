namespace FolioCheck.Reference;

/// <summary>The queue of partially mapped folios (deferred_split_folio; SPECIFICATION.md 11.5).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Oldest first.</summary>
    private readonly List<Folio> _deferredQueue = [];

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
}
