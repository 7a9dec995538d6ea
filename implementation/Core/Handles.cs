using System.Runtime.InteropServices;

namespace FolioCheck.Implementation;

/// <summary>References on folios that one call took: a pipe full of pages, or a registered buffer.</summary>
internal sealed class Handle(bool isPin)
{
    private readonly List<(int Folio, int Count)> _held = [];

    /// <summary>Whether these are long-term pins.</summary>
    public bool IsPin => isPin;

    /// <summary>Processes that can drop them.</summary>
    public int Holders { get; set; } = 1;

    /// <summary>What it holds, in the order of the pages.</summary>
    public ReadOnlySpan<(int Folio, int Count)> Held => CollectionsMarshal.AsSpan(_held);

    /// <summary>Adds what was taken on the next pages, which may be of the same folio as those before.</summary>
    public void Add(int folio, int count)
    {
        if (_held.Count > 0 && _held[^1].Folio == folio)
            _held[^1] = (folio, _held[^1].Count + count);
        else
            _held.Add((folio, count));
    }
}

/// <summary>The handles of one process, sorted by id. Pipes and pins are numbered apart: a pipe comes before the pin of the same id.</summary>
internal sealed class Handles
{
    private readonly List<long> _keys = [];
    private readonly List<Handle> _handles = [];

    /// <summary>Handles whose id was given to a newer one: still held, but only exit can drop them.</summary>
    private readonly List<Handle> _lost = [];

    /// <summary>Handles with an id, by id.</summary>
    public ReadOnlySpan<Handle> Named => CollectionsMarshal.AsSpan(_handles);

    /// <summary>Handles without one, in the order in which they lost it.</summary>
    public ReadOnlySpan<Handle> Lost => CollectionsMarshal.AsSpan(_lost);

    private static long KeyOf(int id, bool isPin) => (2L * id) + (isPin ? 1 : 0);

    /// <summary>The handle of an id, or null.</summary>
    public Handle? Find(int id, bool isPin)
    {
        int at = _keys.BinarySearch(KeyOf(id, isPin));
        return at >= 0 ? _handles[at] : null;
    }

    /// <summary>Adds a handle under an id that is free.</summary>
    public void Add(int id, Handle handle)
    {
        long key = KeyOf(id, handle.IsPin);
        int at = ~_keys.BinarySearch(key);
        _keys.Insert(at, key);
        _handles.Insert(at, handle);
    }

    /// <summary>Gives an id that is taken to another handle.</summary>
    public void Replace(int id, Handle handle)
    {
        int at = _keys.BinarySearch(KeyOf(id, handle.IsPin));
        _lost.Add(_handles[at]);
        _handles[at] = handle;
    }

    public void Remove(int id, bool isPin)
    {
        int at = _keys.BinarySearch(KeyOf(id, isPin));
        _keys.RemoveAt(at);
        _handles.RemoveAt(at);
    }

    public void Clear()
    {
        _keys.Clear();
        _handles.Clear();
        _lost.Clear();
    }

    /// <summary>A child has the pipes of its parent, but not its pins, which belong to the address space.</summary>
    public void Inherit(Handles parent)
    {
        for (int at = 0; at < parent._keys.Count; at++)
        {
            Handle handle = parent._handles[at];
            if (handle.IsPin)
                continue;
            handle.Holders++;
            _keys.Add(parent._keys[at]);
            _handles.Add(handle);
        }
        foreach (Handle handle in parent._lost)
        {
            handle.Holders++;
            _lost.Add(handle);
        }
    }
}
