using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>An address space: mm_struct.</summary>
internal sealed class Process(PageTable table, Vmas vmas)
{
    /// <summary>The process number; also the mm id (SPECIFICATION.md 5.4).</summary>
    public int Number { get; set; }

    public PageTable Table { get; } = table;

    public Vmas Vmas { get; } = vmas;

    /// <summary>MM_ANONPAGES.</summary>
    public long RssAnon { get; set; }

    /// <summary>MM_FILEPAGES.</summary>
    public long RssFile { get; set; }

    /// <summary>References that its calls took and that no mapping accounts for.</summary>
    public Handles Handles { get; } = new();

    /// <summary>MMF_HAS_PINNED: it pinned memory once. Never cleared, not inherited.</summary>
    public bool HasPinned { get; set; }

    /// <summary>MMF_HUGE_ZERO_FOLIO: it mapped the huge zero page once, which lives at least as long as the process.</summary>
    public bool HoldsHugeZeroPage { get; set; }

    /// <summary>MMF_DISABLE_THP_*: whether large folios are disabled for it. Children inherit it.</summary>
    public ThpDisable ThpDisable { get; set; }
}

/// <summary>The live processes, sorted by number. What a dead one owned is used again by later ones.</summary>
internal sealed class Processes(Machine machine, AnonVmas anonVmas)
{
    private readonly bool _stickySoftDirty = (machine.Quirks & Quirks.MergeDropsSoftDirty) == 0;
    private readonly Stack<Process> _pool = new();
    private readonly Stack<LeafTable> _leafPool = new();
    private readonly Stack<Vma> _vmaPool = new();
    private Process[] _items = new Process[4];
    private int _count;
    private int _lastHit;

    public ReadOnlySpan<Process> All => _items.AsSpan(0, _count);

    /// <summary>The process of a number, or null.</summary>
    public Process? Find(int number)
    {
        if (_lastHit < _count && _items[_lastHit].Number == number)
            return _items[_lastHit];
        int index = FirstAtOrAfter(number);
        if (index == _count || _items[index].Number != number)
            return null;
        _lastHit = index;
        return _items[index];
    }

    /// <summary>A new process without mappings; its number is not taken.</summary>
    public Process Add(int number)
    {
        Process process = _pool.TryPop(out Process? used)
            ? used
            : new Process(NewTable(), new Vmas(anonVmas, _vmaPool, _stickySoftDirty));
        process.Number = number;
        process.HasPinned = false;
        process.ThpDisable = ThpDisable.None;
        int index = FirstAtOrAfter(number);
        if (_count == _items.Length)
            Array.Resize(ref _items, _count * 2);
        Array.Copy(_items, index, _items, index + 1, _count - index);
        _items[index] = process;
        _count++;
        return process;
    }

    /// <summary>Removes a process that maps and holds nothing any more.</summary>
    public void Remove(Process process)
    {
        int index = FirstAtOrAfter(process.Number);
        _count--;
        Array.Copy(_items, index + 1, _items, index, _count - index);
        _pool.Push(process);
    }

    private PageTable NewTable() => new(machine.EntriesPerTable, machine.ContPteEntries, _leafPool);

    private int FirstAtOrAfter(int number)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_items[middle].Number >= number)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
}
