using System.Numerics;

namespace FolioCheck.Implementation;

/// <summary>
/// The leaf tables of one process, sorted by address, and the PMD mappings before which some of them are deposited.
/// <code>
/// block          3     4    17    18       block b holds the pages b * entries and up
/// leaf table     a     b     c     d       c is deposited: empty
/// PMD mapping    -     -     x     -
/// </code>
/// A leaf table exists from the first fault or move into its block on, until the last VMA goes that overlaps the block or MADV_DONTNEED takes the whole
/// block (SPECIFICATION.md 17.22). Then it goes back to a pool that all processes share.
/// </summary>
internal sealed class PageTable(int entries, int contPteEntries, Stack<LeafTable> pool)
{
    private readonly int _shift = BitOperations.Log2((uint)entries);
    private long[] _numbers = new long[4];
    private LeafTable[] _leaves = new LeafTable[4];
    private PmdMapping?[] _pmds = new PmdMapping?[4];
    private int _lastHit;

    /// <summary>Leaf tables, deposited ones included: mm->nr_ptes.</summary>
    public int Count { get; private set; }

    /// <summary>The leaf table of a page, or null. Nothing is in one that is deposited.</summary>
    public LeafTable? Find(long page)
    {
        int at = IndexOf(page >> _shift);
        return at >= 0 ? _leaves[at] : null;
    }

    /// <summary>The leaf table of a page, made if need be.</summary>
    public LeafTable FindOrCreate(long page)
    {
        int at = IndexOf(page >> _shift);
        if (at < 0)
            at = Insert(~at, page >> _shift, NewLeaf());
        return _leaves[at];
    }

    /// <summary>The PMD mapping of a page, or null.</summary>
    public PmdMapping? PmdAt(long page)
    {
        int at = IndexOf(page >> _shift);
        return at >= 0 ? _pmds[at] : null;
    }

    /// <summary>Maps a block by a PMD; its leaf table is made if need be, and holds nothing.</summary>
    public void SetPmd(long page, PmdMapping pmd)
    {
        int at = IndexOf(page >> _shift);
        if (at < 0)
            at = Insert(~at, page >> _shift, NewLeaf());
        _pmds[at] = pmd;
    }

    /// <summary>Takes the PMD mapping of a block away. The leaf table is not deposited any more.</summary>
    public void RemovePmd(long page) => _pmds[IndexOf(page >> _shift)] = null;

    /// <summary>What is mapped at a page.</summary>
    public MappedPage Look(long page)
    {
        int at = IndexOf(page >> _shift);
        if (at < 0)
            return default;
        int index = EntryOf(page);
        if (_pmds[at] is { } pmd)
            return new MappedPage(true, pmd.IsZeroPage ? LeafTable.NoFrame : pmd.Frame + index, pmd.Frame, pmd.Bits);
        LeafTable leaf = _leaves[at];
        if (!leaf.Present[index])
            return default;
        int frame = leaf.Special[index] ? LeafTable.NoFrame : leaf.Frames[index];
        return new MappedPage(true, frame, frame, leaf.RightsOf(index));
    }

    /// <summary>Index of a page's entry within its leaf table.</summary>
    public int EntryOf(long page) => (int)(page & (entries - 1));

    /// <summary>First page of the block around a page.</summary>
    public long BlockOf(long page) => page - EntryOf(page);

    /// <summary>Entries from a page's own to the end of its leaf table.</summary>
    public int EntriesFrom(long page) => entries - EntryOf(page);

    /// <summary>The first page from one on that has a leaf table; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextWithTable(long page)
    {
        int at = FirstAtOrAfter(page);
        return at < Count ? Math.Max(page, _numbers[at] << _shift) : long.MaxValue;
    }

    /// <summary>The parts of leaf tables that lie in a range of pages, ascending.</summary>
    public LeafRanges Within(long from, long end) => new(this, from, end);

    /// <summary>Gives back the empty leaf tables of blocks that lie in a range as a whole.</summary>
    public void ReleaseEmpty(long from, long end)
    {
        int at = FirstAtOrAfter(from);
        int kept = at;
        for (; at < Count && (_numbers[at] << _shift) <= end - entries; at++)
        {
            if (_numbers[at] << _shift >= from && _pmds[at] is null && _leaves[at].IsEmpty)
            {
                _leaves[at].GiveBack();
                pool.Push(_leaves[at]);
                continue;
            }
            if (kept < at)
                Move(at, 1, kept);
            kept++;
        }
        Remove(kept, at - kept);
    }

    /// <summary>Hangs the leaf table of a block, with its PMD mapping, before another block, which has none.</summary>
    public void MoveBlock(long page, long target)
    {
        int at = IndexOf(page >> _shift);
        LeafTable leaf = _leaves[at];
        PmdMapping? pmd = _pmds[at];
        Remove(at, 1);
        at = Insert(~IndexOf(target >> _shift), target >> _shift, leaf);
        _pmds[at] = pmd;
    }

    private int FirstAtOrAfter(long page)
    {
        int at = IndexOf(page >> _shift);
        return at >= 0 ? at : ~at;
    }

    /// <summary>Index of a leaf table, or the complement of where it belongs.</summary>
    private int IndexOf(long number)
    {
        if (_lastHit < Count && _numbers[_lastHit] == number)
            return _lastHit;
        int at = Array.BinarySearch(_numbers, 0, Count, number);
        if (at >= 0)
            _lastHit = at;
        return at;
    }

    private LeafTable NewLeaf() => pool.TryPop(out LeafTable? used) ? used : new LeafTable(entries, contPteEntries);

    /// <summary>Puts a leaf table in at an index, without a PMD mapping; returns the index.</summary>
    private int Insert(int at, long number, LeafTable leaf)
    {
        if (Count == _numbers.Length)
        {
            Array.Resize(ref _numbers, Count * 2);
            Array.Resize(ref _leaves, Count * 2);
            Array.Resize(ref _pmds, Count * 2);
        }
        Move(at, Count - at, at + 1);
        Count++;
        _numbers[at] = number;
        _leaves[at] = leaf;
        _pmds[at] = null;
        _lastHit = at;
        return at;
    }

    private void Remove(int at, int count)
    {
        if (count == 0)
            return;
        Move(at + count, Count - at - count, at);
        Count -= count;
    }

    private void Move(int from, int count, int to)
    {
        Array.Copy(_numbers, from, _numbers, to, count);
        Array.Copy(_leaves, from, _leaves, to, count);
        Array.Copy(_pmds, from, _pmds, to, count);
    }

    /// <summary>
    /// A part of one leaf table: entries From to End, End excluded; entry 0 maps FirstPage. Where there is a PMD mapping, the entries are none.
    /// </summary>
    internal readonly record struct LeafRange(LeafTable Leaf, PmdMapping? Pmd, long FirstPage, int From, int End)
    {
        /// <summary>Whether the part is the whole.</summary>
        public bool IsWhole => From == 0 && End == Leaf.Frames.Length;
    }

    /// <summary>Walks the parts of leaf tables within a range of pages. No table may come or go meanwhile.</summary>
    internal struct LeafRanges(PageTable table, long from, long end)
    {
        private int _next = table.FirstAtOrAfter(from);

        public LeafRange Current { get; private set; } = default;

        public readonly LeafRanges GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next >= table.Count)
                return false;
            long first = table._numbers[_next] << table._shift;
            if (first >= end)
                return false;
            LeafTable leaf = table._leaves[_next];
            int stop = (int)Math.Min(end - first, leaf.Frames.Length);
            Current = new LeafRange(leaf, table._pmds[_next], first, (int)Math.Max(from - first, 0), stop);
            _next++;
            return true;
        }
    }
}
