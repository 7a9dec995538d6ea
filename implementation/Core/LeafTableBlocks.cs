using System.Numerics;

namespace FolioCheck.Implementation;

/// <summary>
/// The contiguous-PTE blocks of a leaf table (SPECIFICATION.md 7, 17.28). A block is 4, 8 or 16 entries and lies within one word of each plane.
/// <code>
/// blocks of 4    |  folded   | not folded|
/// Contiguous      1  1  1  1  0  0  0  0
/// Young           0  0  1  0  0  1  0  0    the descriptors' own bits
/// young           1  1  1  1  0  1  0  0    what an entry is: any of a folded block speaks for all
/// </code>
/// The bits of a folded block differ in nothing but Young and Dirty.
/// </summary>
internal sealed partial class LeafTable
{
    /// <summary>The contiguous bit: set in all entries of a block or in none. Never set on x86.</summary>
    public BitPlane Contiguous { get; } = new(entries);

    /// <summary>
    /// Whether <see cref="Contiguous"/> may have a bit. Stays set until the table is given back, so that nobody looks at that plane of a table that never
    /// folded.
    /// </summary>
    public bool HasContiguous { get; private set; }

    public bool IsContiguous(int index) => HasContiguous && Contiguous[index];

    /// <summary>First entry of the block around an entry.</summary>
    public int BlockOf(int index) => index & -block;

    /// <summary>Whole blocks get the contiguous bit.</summary>
    public void SetContiguous(int from, int end)
    {
        HasContiguous = true;
        Contiguous.SetRange(from, end);
    }

    public void ClearContiguous(int from, int end)
    {
        if (HasContiguous)
            Contiguous.ClearRange(from, end);
    }

    /// <summary>Young as a walk reads it.</summary>
    public bool IsYoung(int index) => AnyYoung(index, index + 1);

    /// <summary>Dirty as a walk reads it.</summary>
    public bool IsDirty(int index) => AnyDirty(index, index + 1);

    public bool AnyYoung(int from, int end) => AnyGathered(Young, from, end);

    public bool AnyDirty(int from, int end) => AnyGathered(Dirty, from, end);

    /// <summary>A word of Young as a walk reads it.</summary>
    public ulong GatheredYoung(int word) => Gathered(Young.Word(word), word);

    /// <summary>A word of Dirty as a walk reads it.</summary>
    public ulong GatheredDirty(int word) => Gathered(Dirty.Word(word), word);

    /// <summary>End of the run of entries as dirty as the first one, all of which are contiguous or none is.</summary>
    public int EndOfDirtyRun(int from, int end)
    {
        if (!IsContiguous(from))
            return Dirty.EndOfRun(from, end);
        ulong skipped = IsDirty(from) ? ulong.MaxValue : 0;
        for (int word = from / 64; word * 64 < end; word++)
        {
            ulong found = (GatheredDirty(word) ^ skipped) & BitPlane.Mask(word, from, end);
            if (found != 0)
                return (word * 64) + BitOperations.TrailingZeroCount(found);
        }
        return end;
    }

    /// <summary>
    /// How many descriptors contpte_ptep_get reads to gather for a contiguous entry: from the start of the block until one was young and one dirty.
    /// </summary>
    public int GatheringReads(int index)
    {
        int first = BlockOf(index);
        int young = BitOperations.TrailingZeroCount(BlockBits(Young, first));
        int dirty = BitOperations.TrailingZeroCount(BlockBits(Dirty, first));
        return Math.Min(block, Math.Max(young, dirty) + 1);
    }

    /// <summary>
    /// How many entries of a block, from its start, could be folded with its last one: mapped, accessible, with equal rights, and with the frames before its.
    /// </summary>
    public int FoldableEntries(int last)
    {
        int first = BlockOf(last);
        if (Frames[first] != Frames[last] - (last - first))
            return 0;
        ulong others = ~Present.Word(first / 64) | Special.Word(first / 64) | ProtNone.Word(first / 64)
            | Unlike(Writable, last) | Unlike(UffdWp, last);
        int alike = BitOperations.TrailingZeroCount(others >> (first % 64));
        return Math.Min(Math.Min(block, alike), ConsecutiveFrames(Frames.AsSpan(first, block)));
    }

    /// <summary>How many descriptors of a block, from its start, have certain young, dirty and write bits.</summary>
    public int EntriesWith(int index, bool young, bool dirty, bool writable)
    {
        int first = BlockOf(index);
        ulong others = (BlockBits(Young, first) ^ AllOrNone(young)) | (BlockBits(Dirty, first) ^ AllOrNone(dirty))
            | (BlockBits(Writable, first) ^ AllOrNone(writable));
        return Math.Min(block, BitOperations.TrailingZeroCount(others));
    }

    /// <summary>A range that may begin or end within folded blocks: what is set anywhere in them counts.</summary>
    private bool AnyGathered(BitPlane plane, int from, int end)
    {
        if (IsContiguous(from))
            from = BlockOf(from);
        if (IsContiguous(end - 1))
            end = BlockOf(end - 1) + block;
        return plane.Any(from, end);
    }

    /// <summary>Spreads each bit of a folded block over the block.</summary>
    private ulong Gathered(ulong bits, int word)
    {
        if (!HasContiguous)
            return bits;
        ulong folded = Contiguous.Word(word);
        ulong any = bits & folded;
        for (int shift = 1; shift < block; shift *= 2)
            any |= any >> shift;
        // The lowest bit of each block knows of all of them now.
        any &= ulong.MaxValue / BlockMask;
        return (bits & ~folded) | (any * BlockMask);
    }

    /// <summary>As many ones as a block has entries.</summary>
    private ulong BlockMask => (1UL << block) - 1;

    /// <summary>A plane from the first entry of a block on; bits behind the block are left in.</summary>
    private static ulong BlockBits(BitPlane plane, int first) => plane.Word(first / 64) >> (first % 64);

    /// <summary>The bits of a word of a plane that differ from one of them.</summary>
    private static ulong Unlike(BitPlane plane, int index) => plane.Word(index / 64) ^ AllOrNone(plane[index]);

    private static ulong AllOrNone(bool set) => set ? ulong.MaxValue : 0;
}
