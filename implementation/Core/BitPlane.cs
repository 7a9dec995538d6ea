using System.Numerics;

namespace FolioCheck.Implementation;

/// <summary>
/// One bit for each of a row of things, in 64-bit words: entry i is bit i % 64 of word i / 64. Ranges are half open and may
/// cross words; the loops step over words, never over bits.
/// </summary>
internal readonly struct BitPlane
{
    private readonly ulong[] _words;

    public BitPlane(int bits) => _words = new ulong[WordsFor(bits)];

    private BitPlane(ulong[] words) => _words = words;

    /// <summary>Whether a bit is set.</summary>
    public bool this[int bit] => (_words[(uint)bit / 64] & (1UL << (bit % 64))) != 0;

    /// <summary>The same bits with room for more.</summary>
    public BitPlane Grown(int bits)
    {
        var words = new ulong[WordsFor(bits)];
        _words.CopyTo(words, 0);
        return new BitPlane(words);
    }

    public void Set(int bit) => _words[(uint)bit / 64] |= 1UL << (bit % 64);

    public void Clear(int bit) => _words[(uint)bit / 64] &= ~(1UL << (bit % 64));

    public void Change(int bit, bool set)
    {
        if (set)
            Set(bit);
        else
            Clear(bit);
    }

    public void SetRange(int from, int end)
    {
        for (uint word = (uint)from / 64; word * 64 < end; word++)
            _words[word] |= Mask(word, (uint)from, (uint)end);
    }

    public void ClearRange(int from, int end)
    {
        for (uint word = (uint)from / 64; word * 64 < end; word++)
            _words[word] &= ~Mask(word, (uint)from, (uint)end);
    }

    /// <summary>Takes over the bits of a range from another plane.</summary>
    public void CopyRange(BitPlane source, int from, int end)
    {
        for (uint word = (uint)from / 64; word * 64 < end; word++)
        {
            ulong mask = Mask(word, (uint)from, (uint)end);
            _words[word] = (_words[word] & ~mask) | (source._words[word] & mask);
        }
    }

    /// <summary>
    /// Takes over bits that stand elsewhere: those of another plane from <paramref name="sourceFrom"/> on go to a range of this
    /// one. It may be the same plane, if the two ranges do not overlap.
    /// </summary>
    public void CopyShifted(BitPlane source, int sourceFrom, int from, int end)
    {
        for (uint word = (uint)from / 64; word * 64 < end; word++)
        {
            ulong mask = Mask(word, (uint)from, (uint)end);
            ulong bits = source.WordAt(sourceFrom + (int)(word * 64) - from);
            _words[word] = (_words[word] & ~mask) | (bits & mask);
        }
    }

    /// <summary>Index of the first set bit of a range, or its end.</summary>
    public int NextSet(int from, int end) => Next(from, end, 0);

    /// <summary>Index of the first clear bit of a range, or its end.</summary>
    public int NextClear(int from, int end) => Next(from, end, ulong.MaxValue);

    /// <summary>Whether any bit of a range is set.</summary>
    public bool Any(int from, int end) => NextSet(from, end) < end;

    /// <summary>End of the run of bits equal to the first one of the range.</summary>
    public int EndOfRun(int from, int end) => Next(from, end, this[from] ? ulong.MaxValue : 0);

    /// <summary>One word.</summary>
    public ulong Word(int word) => _words[word];

    /// <summary>One word, without the bits outside a range.</summary>
    public ulong Word(int word, int from, int end) => _words[word] & Mask(word, from, end);

    /// <summary>The 64 bits from one on, which may be negative; bits outside the plane are clear.</summary>
    private ulong WordAt(int bit)
    {
        int word = bit >> 6;
        ulong bits = WordOrNone(word) >> (bit & 63);
        // A shift by 64 would shift by nothing; then all bits are there already.
        return (bit & 63) == 0 ? bits : bits | (WordOrNone(word + 1) << (64 - (bit & 63)));
    }

    private ulong WordOrNone(int word) => word >= 0 && word < _words.Length ? _words[word] : 0;

    private static int WordsFor(int bits) => (bits + 63) / 64;

    /// <summary>The bits of one word that lie in a range; the word must overlap it.</summary>
    public static ulong Mask(int word, int from, int end) => Mask((uint)word, (uint)from, (uint)end);

    private static ulong Mask(uint word, uint from, uint end)
    {
        ulong mask = ulong.MaxValue;
        if (from > word * 64)
            mask <<= (int)(from % 64);
        if (end < (word + 1) * 64)
            mask &= ~(ulong.MaxValue << (int)(end % 64));
        return mask;
    }

    /// <summary>First bit of a range that differs from <paramref name="skipped"/> (all ones or all zeros), or its end.</summary>
    private int Next(int from, int end, ulong skipped)
    {
        if (from >= end)
            return end;
        uint word = (uint)from / 64;
        ulong found = (_words[word] ^ skipped) & (ulong.MaxValue << (from % 64));
        while (found == 0)
        {
            word++;
            if (word * 64 >= end)
                return end;
            found = _words[word] ^ skipped;
        }
        return Math.Min(end, (int)(word * 64) + BitOperations.TrailingZeroCount(found));
    }
}
