using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// The page table of one process: present entries by page. What is read of an entry is the logical one; what is stored are descriptors, which differ where a block
/// is folded (SPECIFICATION.md 7, 17.28). Entries change through the accessors only, each of which says what it did to descriptors.
/// </summary>
/// <param name="machine">The machine.</param>
/// <param name="process">Number of the process, for events.</param>
/// <param name="events">Where events go, or null.</param>
internal sealed partial class PageTable(Machine machine, int process, IList<MemoryEvent>? events)
{
    private readonly SortedList<long, Pte> _descriptors = [];
    private readonly List<MemoryEvent> _untold = [];

    /// <summary>Pages with an entry, ascending.</summary>
    public IList<long> Pages => _descriptors.Keys;

    /// <summary>The logical entry of a page that has one.</summary>
    public Pte this[long page] => Logical(page, _descriptors[page]);

    /// <summary>Whether a page has an entry.</summary>
    public bool Holds(long page) => _descriptors.ContainsKey(page);

    /// <summary>The logical entry of a page, if it has one.</summary>
    public bool TryGet(long page, out Pte pte)
    {
        bool present = _descriptors.TryGetValue(page, out Pte descriptor);
        pte = present ? Logical(page, descriptor) : default;
        return present;
    }

    /// <summary>The descriptor itself of a page that has one.</summary>
    public Pte Descriptor(long page) => _descriptors[page];

    /// <summary>Which folio and page each entry maps; young and dirty are those of descriptors.</summary>
    public IList<Pte> Descriptors => _descriptors.Values;

    /// <summary>Place of the first entry at or after a page, among <see cref="Pages"/>.</summary>
    public int FirstAtOrAfter(long page)
    {
        int low = 0;
        int high = _descriptors.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_descriptors.GetKeyAtIndex(middle) < page)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>A PMD mapping in the place of all entries of a table (set_pmd_at): the same bits for each page.</summary>
    public void SetPmd(long first, Pte pte)
    {
        for (int i = 0; i < machine.EntriesPerTable; i++)
            _descriptors[first + i] = pte with { Index = pte.Folio is null ? 0 : i, Pmd = true, Contiguous = false };
    }

    /// <summary>The PMD mapping of a block is gone.</summary>
    public void ClearPmd(long first)
    {
        for (int i = 0; i < machine.EntriesPerTable; i++)
            _descriptors.Remove(first + i);
    }

    /// <summary>Changes the bits of a PMD mapping.</summary>
    public void ChangePmd(long first, Func<Pte, Pte> change)
    {
        for (int i = 0; i < machine.EntriesPerTable; i++)
            _descriptors[first + i] = change(_descriptors[first + i]);
    }

    /// <summary>A whole table is found at another block now (move_normal_pmd): descriptors stay as they are.</summary>
    public void MoveTable(long first, long distance)
    {
        for (long page = first; page < first + machine.EntriesPerTable; page++)
        {
            if (_descriptors.Remove(page, out Pte descriptor))
                _descriptors[page + distance] = descriptor;
        }
    }

    /// <summary>Tells what happened to descriptors since the last time.</summary>
    public void TellEvents()
    {
        foreach (MemoryEvent told in _untold)
            events!.Add(told);
        _untold.Clear();
    }

    /// <summary>Notes an event of descriptors. It is told with the step of the mechanism that it belongs to.</summary>
    private void Note(EventKind kind, long page, int count, int frame = -1)
    {
        if (events is not null)
            _untold.Add(new MemoryEvent(kind, process, page, frame, count));
    }
}
