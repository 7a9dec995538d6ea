using System.Numerics;

namespace FolioCheck.Implementation;

/// <summary>
/// The leaf tables of one process, sorted by address. A leaf table exists while something in it is not none or a fault is about
/// to fill it; empty ones go back to a pool that all processes share.
/// </summary>
internal sealed class PageTable(int entries, Stack<LeafTable> pool)
{
    private readonly int _shift = BitOperations.Log2((uint)entries);
    private long[] _numbers = new long[4];
    private LeafTable[] _leaves = new LeafTable[4];
    private int _count;
    private int _lastHit;

    /// <summary>The leaf table of a page, or null.</summary>
    public LeafTable? Find(long page)
    {
        int at = IndexOf(page >> _shift);
        return at >= 0 ? _leaves[at] : null;
    }

    /// <summary>The leaf table of a page, made if need be.</summary>
    public LeafTable FindOrCreate(long page)
    {
        int at = IndexOf(page >> _shift);
        return at >= 0 ? _leaves[at] : Insert(~at, page >> _shift);
    }

    /// <summary>Index of a page's entry within its leaf table.</summary>
    public int EntryOf(long page) => (int)(page & (entries - 1));

    /// <summary>Entries from a page's own to the end of its leaf table.</summary>
    public int EntriesFrom(long page) => entries - EntryOf(page);

    /// <summary>The first page from one on that has a leaf table; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextWithTable(long page)
    {
        int at = FirstAtOrAfter(page);
        return at < _count ? Math.Max(page, _numbers[at] << _shift) : long.MaxValue;
    }

    /// <summary>The parts of leaf tables that lie in a range of pages, ascending.</summary>
    public LeafRanges Within(long from, long end) => new(this, from, end);

    /// <summary>Gives the empty leaf tables that overlap a range back to the pool.</summary>
    public void ReleaseEmpty(long from, long end)
    {
        int first = FirstAtOrAfter(from);
        int kept = first;
        for (int at = first; at < _count; at++)
        {
            if (_numbers[at] << _shift < end && _leaves[at].IsEmpty)
            {
                _leaves[at].GiveBack();
                pool.Push(_leaves[at]);
                continue;
            }
            _numbers[kept] = _numbers[at];
            _leaves[kept] = _leaves[at];
            kept++;
        }
        _count = kept;
    }

    private int FirstAtOrAfter(long page)
    {
        int at = IndexOf(page >> _shift);
        return at >= 0 ? at : ~at;
    }

    /// <summary>Index of a leaf table, or the complement of where it belongs.</summary>
    private int IndexOf(long number)
    {
        if (_lastHit < _count && _numbers[_lastHit] == number)
            return _lastHit;
        int at = Array.BinarySearch(_numbers, 0, _count, number);
        if (at >= 0)
            _lastHit = at;
        return at;
    }

    private LeafTable Insert(int at, long number)
    {
        if (_count == _numbers.Length)
        {
            Array.Resize(ref _numbers, _count * 2);
            Array.Resize(ref _leaves, _count * 2);
        }
        Array.Copy(_numbers, at, _numbers, at + 1, _count - at);
        Array.Copy(_leaves, at, _leaves, at + 1, _count - at);
        _count++;
        LeafTable leaf = pool.TryPop(out LeafTable? used) ? used : new LeafTable(entries);
        _numbers[at] = number;
        _leaves[at] = leaf;
        _lastHit = at;
        return leaf;
    }

    /// <summary>A part of one leaf table: entries From to End, End excluded; entry 0 maps FirstPage.</summary>
    internal readonly record struct LeafRange(LeafTable Leaf, long FirstPage, int From, int End);

    /// <summary>Walks the parts of leaf tables within a range of pages. No table may come or go meanwhile.</summary>
    internal struct LeafRanges(PageTable table, long from, long end)
    {
        private int _next = table.FirstAtOrAfter(from);

        public LeafRange Current { get; private set; } = default;

        public readonly LeafRanges GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next >= table._count)
                return false;
            long first = table._numbers[_next] << table._shift;
            if (first >= end)
                return false;
            LeafTable leaf = table._leaves[_next];
            Current = new LeafRange(leaf, first, (int)Math.Max(from - first, 0), (int)Math.Min(end - first, leaf.Frames.Length));
            _next++;
            return true;
        }
    }
}
