using System.Numerics;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Frames of the machine, one bit for each free one. A block of order o is the lowest free one whose first frame is a multiple
/// of 2^o (SPECIFICATION.md 17.2).
/// </summary>
internal sealed class FrameAllocator
{
    /// <summary>log2 of the frames in a word.</summary>
    private const int WordOrder = 6;

    private readonly ulong[] _free;

    /// <summary>
    /// By order: every free block of that order reaches into this word or a later one. Never falls from one order to the next.
    /// </summary>
    private readonly int[] _lowest = new int[Machine.LargestPmdOrder + 1];

    public FrameAllocator(int frames)
    {
        _free = new ulong[(frames + 63) / 64];
        _free.AsSpan().Fill(frames < 64 ? ~(ulong.MaxValue << frames) : ulong.MaxValue);
        FreeFrames = frames;
    }

    public int FreeFrames { get; private set; }

    /// <summary>By order: the bits of a word that are multiples of 2^order.</summary>
    private static ReadOnlySpan<ulong> AlignedStarts =>
    [
        0xFFFF_FFFF_FFFF_FFFF, 0x5555_5555_5555_5555, 0x1111_1111_1111_1111,
        0x0101_0101_0101_0101, 0x0001_0001_0001_0001, 0x0000_0001_0000_0001,
    ];

    /// <summary>Takes a block; returns its first frame, or -1.</summary>
    public int Allocate(int order)
    {
        int frame = order < WordOrder ? FindInWord(order) : FindWords(order);
        if (frame < 0)
            return frame;
        Set(frame, order, free: false);
        FreeFrames -= 1 << order;
        return frame;
    }

    /// <summary>Gives a block back.</summary>
    public void Free(int frame, int order)
    {
        Set(frame, order, free: true);
        FreeFrames += 1 << order;
        int word = frame / 64;
        for (int larger = _lowest.Length - 1; larger >= 0 && _lowest[larger] > word; larger--)
            _lowest[larger] = word;
    }

    public bool IsFree(int frame) => (_free[(uint)frame / 64] & (1UL << (frame % 64))) != 0;

    /// <summary>Takes what is still free of a block.</summary>
    public void Claim(int frame, int order)
    {
        for (int at = frame; at < frame + (1 << order); at++)
            FreeFrames -= IsFree(at) ? 1 : 0;
        Set(frame, order, free: false);
    }

    private int FindInWord(int order)
    {
        for (int word = _lowest[order]; word < _free.Length; word++)
        {
            ulong blocks = BlockStarts(_free[word], order);
            if (blocks == 0)
                continue;
            RaiseLowest(order, word);
            return (word * 64) + BitOperations.TrailingZeroCount(blocks);
        }
        RaiseLowest(order, _free.Length);
        return -1;
    }

    /// <summary>The bits of a word at which an aligned block of all ones starts.</summary>
    private static ulong BlockStarts(ulong free, int order)
    {
        // A block of twice the size starts where two blocks of the size before stand side by side.
        ulong starts = free;
        for (int half = 0; half < order; half++)
            starts &= starts >> (1 << half);
        return starts & AlignedStarts[order];
    }

    private int FindWords(int order)
    {
        int words = 1 << (order - WordOrder);
        for (int word = _lowest[order] & -words; word + words <= _free.Length; word += words)
        {
            if (_free.AsSpan(word, words).ContainsAnyExcept(ulong.MaxValue))
                continue;
            RaiseLowest(order, word);
            return word * 64;
        }
        RaiseLowest(order, _free.Length);
        return -1;
    }

    private void RaiseLowest(int order, int word)
    {
        for (int larger = order; larger < _lowest.Length && _lowest[larger] < word; larger++)
            _lowest[larger] = word;
    }

    private void Set(int frame, int order, bool free)
    {
        if (order >= WordOrder)
        {
            _free.AsSpan(frame / 64, 1 << (order - WordOrder)).Fill(free ? ulong.MaxValue : 0);
            return;
        }
        ulong block = ((1UL << (1 << order)) - 1) << (frame % 64);
        if (free)
            _free[(uint)frame / 64] |= block;
        else
            _free[(uint)frame / 64] &= ~block;
    }
}
