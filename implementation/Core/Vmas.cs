using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>A mapping of consecutive pages with equal rights and flags.</summary>
internal sealed class Vma
{
    private AnonVma[] _chain = new AnonVma[2];

    public long Start { get; set; }

    /// <summary>First page after it.</summary>
    public long End { get; set; }

    public Protection Protection { get; set; }

    public VmaFlags Flags { get; set; }

    /// <summary>
    /// vm_pgoff less the first page: how far behind its own number a page counts as anonymous memory. Neighbours have contiguous
    /// vm_pgoff if and only if their offsets are equal.
    /// </summary>
    public long Offset { get; set; }

    /// <summary>The operation in which it got its bounds: its place in the tree of its anon_vmas, among those that begin at the same vm_pgoff.</summary>
    public long Since { get; set; }

    /// <summary>Its own anon_vma, once a write fault prepared one.</summary>
    public AnonVma? AnonVma { get; set; }

    /// <summary>anon_vma_chain: the anon_vmas it is linked to, root first.</summary>
    public ReadOnlySpan<AnonVma> Chain => _chain.AsSpan(0, ChainLength);

    public int ChainLength { get; private set; }

    /// <summary>Whether a load gets through once a page is there: on x86 a page that may be written may be read.</summary>
    public bool MayRead => Protection != Protection.None;

    public bool MayWrite => (Protection & Protection.Write) != 0;

    public bool IsLocked => (Flags & VmaFlags.Locked) != 0;

    /// <summary>Whether it maps the file, and not anonymous memory.</summary>
    public bool IsShared => (Flags & VmaFlags.Shared) != 0;

    public bool HasUffdWp => (Flags & VmaFlags.UffdWp) != 0;

    public bool IsSoftDirty => (Flags & VmaFlags.SoftDirty) != 0;

    /// <summary>Whether the flags are equal as far as they keep VMAs apart: VM_SOFTDIRTY does not.</summary>
    public bool HasFlagsOf(Vma other) => ((Flags ^ other.Flags) & ~(VmaFlags.SoftDirty | VmaFlags.MaybeGuard)) == 0;

    public void Push(AnonVma anonVma)
    {
        if (ChainLength == _chain.Length)
            Array.Resize(ref _chain, ChainLength * 2);
        _chain[ChainLength] = anonVma;
        ChainLength++;
    }

    public AnonVma Pop()
    {
        ChainLength--;
        return _chain[ChainLength];
    }
}

/// <summary>Whose VM_SOFTDIRTY a VMA has that results from a merge (SPECIFICATION.md 17.18).</summary>
internal enum SoftDirtyOf
{
    /// <summary>That of the new or changed VMA that was joined with its neighbours.</summary>
    Piece,

    /// <summary>That of the neighbour that took the VMA in, the left one if both did.</summary>
    Neighbour,
}

/// <summary>The VMAs of one process, sorted by address; they never overlap (SPECIFICATION.md 3.1, 17.5).</summary>
internal sealed class Vmas(AnonVmas anonVmas, Stack<Vma> pool, bool stickySoftDirty)
{
    /// <summary>Flags that a merged VMA has if any of its parts had them.</summary>
    private readonly VmaFlags _sticky = stickySoftDirty ? VmaFlags.MaybeGuard | VmaFlags.SoftDirty : VmaFlags.MaybeGuard;

    private Vma[] _items = new Vma[4];
    private int _count;
    private int _lastHit;

    public ReadOnlySpan<Vma> All => _items.AsSpan(0, _count);

    /// <summary>The VMA at a place in the order, or null beyond either end.</summary>
    public Vma? At(int index) => index >= 0 && index < _count ? _items[index] : null;

    /// <summary>vma_lookup: the VMA that holds a page, or null.</summary>
    public Vma? Find(long page)
    {
        Vma? vma = At(IndexEndingAfter(page));
        return vma is not null && vma.Start <= page ? vma : null;
    }

    /// <summary>find_vma: index of the first VMA that ends after a page; the number of VMAs when none does.</summary>
    public int IndexEndingAfter(long page)
    {
        if (_lastHit < _count && _items[_lastHit].Start <= page && page < _items[_lastHit].End)
            return _lastHit;
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_items[middle].End > page)
                high = middle;
            else
                low = middle + 1;
        }
        _lastHit = low;
        return low;
    }

    /// <summary>The first VMA that has pages in a range, or null.</summary>
    public Vma? FirstWithin(long from, long end) =>
        from < end && At(IndexEndingAfter(from)) is { } vma && vma.Start < end ? vma : null;

    /// <summary>Gives a VMA another end; nobody else has the pages between the two.</summary>
    public void Resize(Vma vma, long end)
    {
        vma.End = end;
        vma.Since = anonVmas.Now;
    }

    /// <summary>Adds a VMA where nothing is mapped.</summary>
    public Vma Add(long start, long end, Protection protection, VmaFlags flags, long offset)
    {
        Vma vma = pool.TryPop(out Vma? used) ? used : new Vma();
        vma.Start = start;
        vma.End = end;
        vma.Protection = protection;
        vma.Flags = flags;
        vma.Offset = offset;
        vma.Since = anonVmas.Now;
        Insert(IndexEndingAfter(start), vma);
        return vma;
    }

    /// <summary>split_vma: makes a page the border of two VMAs, if it lies within one. No entry changes.</summary>
    public void SplitAt(long page)
    {
        Vma? vma = Find(page);
        if (vma is null || vma.Start == page)
            return;
        long end = vma.End;
        Resize(vma, page);
        Vma upper = Add(page, end, vma.Protection, vma.Flags, vma.Offset);
        AnonVmas.Share(vma, upper);
    }

    /// <summary>The part of a VMA that lies in a range, as a VMA of its own, to be changed and then merged again.</summary>
    public Vma SplitOff(long from, long end)
    {
        SplitAt(from);
        SplitAt(end);
        return Find(from)!;
    }

    /// <summary>
    /// Joins a VMA with its neighbours where that may be. Both may suit the VMA and not each other: then only with the left one
    /// (can_vma_merge_right). Returns the VMA that results.
    /// </summary>
    public Vma MergeAround(Vma vma, SoftDirtyOf softDirty)
    {
        int index = IndexEndingAfter(vma.Start);
        Vma? left = At(index - 1);
        Vma? right = At(index + 1);
        bool withLeft = MayMerge(left, vma);
        bool withRight = MayMerge(vma, right) && (!withLeft || AreCompatible(left!, right!));
        Vma? neighbour = withLeft ? left : withRight ? right : null;
        // Flags are equal but for VM_SOFTDIRTY.
        VmaFlags flags = softDirty == SoftDirtyOf.Piece || neighbour is null ? vma.Flags : neighbour.Flags;
        flags |= (vma.Flags | (withLeft ? left!.Flags : 0) | (withRight ? right!.Flags : 0)) & _sticky;
        if (withRight)
            Merge(index);
        if (withLeft)
            Merge(index - 1);
        Vma merged = withLeft ? left! : vma;
        merged.Flags = flags;
        return merged;
    }

    /// <summary>vma_merge_extend: joins a VMA that grew with the neighbour that it reached.</summary>
    public void MergeRight(Vma vma)
    {
        int index = IndexEndingAfter(vma.Start);
        Vma? right = At(index + 1);
        if (!MayMerge(vma, right))
            return;
        vma.Flags |= right!.Flags & _sticky;
        Merge(index);
    }

    /// <summary>Removes whatever lies in a range whose ends are borders already.</summary>
    public void RemoveRange(long from, long end)
    {
        int first = IndexEndingAfter(from);
        int last = first;
        while (last < _count && _items[last].Start < end)
        {
            Retire(_items[last]);
            last++;
        }
        Remove(first, last - first);
    }

    /// <summary>
    /// can_vma_merge: adjacent, alike, and of one anon_vma; or only one of them has an anon_vma, and it was never forked from
    /// another (its chain is that anon_vma alone).
    /// </summary>
    private static bool MayMerge(Vma? left, Vma? right)
    {
        if (left is null || right is null || left.End != right.Start)
            return false;
        if (left.Protection != right.Protection || !left.HasFlagsOf(right) || left.Offset != right.Offset)
            return false;
        if (left.AnonVma == right.AnonVma)
            return true;
        return AreCompatible(left, right) && left.ChainLength + right.ChainLength == 1;
    }

    /// <summary>are_anon_vmas_compatible: the same anon_vma, or one of the two has none.</summary>
    private static bool AreCompatible(Vma left, Vma right) =>
        left.AnonVma is null || right.AnonVma is null || left.AnonVma == right.AnonVma;

    /// <summary>Joins the VMA at an index with the next one; the flags are its own.</summary>
    private void Merge(int index)
    {
        Vma left = _items[index];
        Vma right = _items[index + 1];
        if (left.AnonVma is null)
            AnonVmas.Share(right, left);
        Resize(left, right.End);
        Retire(right);
        Remove(index + 1, 1);
    }

    private void Retire(Vma vma)
    {
        anonVmas.Unlink(vma);
        pool.Push(vma);
    }

    private void Insert(int index, Vma vma)
    {
        if (_count == _items.Length)
            Array.Resize(ref _items, _count * 2);
        Array.Copy(_items, index, _items, index + 1, _count - index);
        _items[index] = vma;
        _count++;
        _lastHit = index;
    }

    private void Remove(int index, int count)
    {
        _count -= count;
        Array.Copy(_items, index + count, _items, index, _count - index);
    }
}
