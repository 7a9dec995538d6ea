namespace FolioCheck.Implementation;

/// <summary>
/// Canonical ids of one observation: folios and anon_vmas in the order in which they are first asked for. An id is stored as
/// the running number of a naming; one that is older than this observation's first is no id. So nothing has to be cleared.
/// </summary>
internal sealed class CanonicalIds
{
    /// <summary>By head frame: the running number under which the folio was last named.</summary>
    private long[] _named = Array.Empty<long>();

    private int[] _folios = Array.Empty<int>();
    private long _first = 1;
    private int _anonVmaCount;

    public int FolioCount { get; private set; }

    /// <summary>Starts an observation; frames at or above <paramref name="capacity"/> hold no folio.</summary>
    public void Begin(int capacity)
    {
        _first += FolioCount + 1;
        FolioCount = 0;
        _anonVmaCount = 0;
        Array.Resize(ref _named, capacity);
        Array.Resize(ref _folios, capacity);
    }

    /// <summary>The folio of an id.</summary>
    public int Folio(int id) => _folios[id];

    /// <summary>The id of a folio, given now if it has none.</summary>
    public int Of(int folio)
    {
        if (_named[folio] < _first)
        {
            _named[folio] = _first + FolioCount;
            _folios[FolioCount] = folio;
            FolioCount++;
        }
        return (int)(_named[folio] - _first);
    }

    /// <summary>The id of an anon_vma, given now if it has none.</summary>
    public int Of(AnonVma anonVma)
    {
        if (anonVma.ObservedAt != _first)
        {
            anonVma.ObservedAt = _first;
            anonVma.ObservedId = _anonVmaCount;
            _anonVmaCount++;
        }
        return anonVma.ObservedId;
    }
}
