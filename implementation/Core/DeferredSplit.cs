namespace FolioCheck.Implementation;

/// <summary>
/// The deferred-split queue: a doubly linked list through the folio table, oldest first (SPECIFICATION.md 11.5).
/// On it are the partially mapped folios, and those that a PMD mapped from their birth on, which may turn out to be underused.
/// </summary>
internal sealed class DeferredSplit(FolioTable folios)
{
    private const int End = -1;

    private int[] _next = Array.Empty<int>();
    private int[] _previous = Array.Empty<int>();
    private bool[] _queued = Array.Empty<bool>();
    private int _last = End;

    /// <summary>The folio that waits longest, or -1.</summary>
    public int First { get; private set; } = End;

    public int Count { get; private set; }

    public bool IsQueued(int folio) => _queued[folio];

    /// <summary>The folio behind another one, or -1.</summary>
    public int After(int folio) => _next[folio];

    /// <summary>deferred_split_folio with partially_mapped: a large folio lost its last mapping of a page and kept others.</summary>
    public void MarkPartiallyMapped(int folio)
    {
        if (folios.IsPartiallyMapped(folio))
            return;
        folios.Flags[folio] |= FolioFlags.PartiallyMapped;
        folios.Statistics[folios.Order[folio]].SplitDeferred++;
        folios.Statistics[folios.Order[folio]].NrAnonPartiallyMapped++;
        if (!_queued[folio])
            Append(folio);
    }

    /// <summary>folio_unqueue_deferred_split: the folio dies or is split.</summary>
    public void Remove(int folio)
    {
        if (folios.IsPartiallyMapped(folio))
        {
            folios.Flags[folio] &= ~FolioFlags.PartiallyMapped;
            folios.Statistics[folios.Order[folio]].NrAnonPartiallyMapped--;
        }
        if (_queued[folio])
            Unlink(folio);
    }

    public void MakeRoom(int capacity)
    {
        Array.Resize(ref _next, capacity);
        Array.Resize(ref _previous, capacity);
        Array.Resize(ref _queued, capacity);
    }

    /// <summary>deferred_split_folio of a folio that is not partially mapped: the shrinker may find it underused.</summary>
    public void Append(int folio)
    {
        _queued[folio] = true;
        _next[folio] = End;
        _previous[folio] = _last;
        if (_last == End)
            First = folio;
        else
            _next[_last] = folio;
        _last = folio;
        Count++;
    }

    /// <summary>Takes a folio off the queue, whatever its flags say.</summary>
    public void Unlink(int folio)
    {
        int next = _next[folio];
        int previous = _previous[folio];
        if (previous == End)
            First = next;
        else
            _next[previous] = next;
        if (next == End)
            _last = previous;
        else
            _previous[next] = previous;
        _queued[folio] = false;
        Count--;
    }
}
