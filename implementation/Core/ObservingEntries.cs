using System.Numerics;
using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>PTE runs and smaps of the observation: PMD mappings, and whole runs of equal bits, a word of the planes at a time.</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>PSS_SHIFT: the part that a VMA has in a page is counted in 4096ths of a byte, to round late.</summary>
    private const int ShareShift = 12;

    /// <summary>From 4096ths of a byte to kilobytes.</summary>
    private const int KilobyteOfSharesShift = ShareShift + 10;

    /// <summary>A whole page in 4096ths of a byte.</summary>
    private const long WholeShare = 4096L << ShareShift;

    private void ObserveEntries(Observation observation, in PageTable.LeafRange range, bool locked, ref Smaps smaps)
    {
        for (int word = range.From / 64; word * 64 < range.End; word++)
        {
            var entries = new EntryWord(range, word);
            // What is left of the word; a run that crosses a word comes in pieces, which the observation joins.
            ulong left = entries.Present | entries.Guards;
            while (left != 0)
            {
                int bit = BitOperations.TrailingZeroCount(left);
                int count;
                if (entries.IsGuard(bit))
                    count = ObserveGuards(observation, range, entries, bit);
                else if (entries.IsSpecial(bit))
                    count = ObserveZeroPages(observation, range, entries, bit);
                else
                    count = ObserveFolioRun(observation, range, entries, bit, locked, ref smaps);
                // In two steps: a shift by 64 would shift by nothing.
                left &= ulong.MaxValue << (bit + count - 1) << 1;
            }
        }
    }

    private void ObservePmd(Observation observation, in PageTable.LeafRange range, PmdMapping pmd, bool locked, ref Smaps smaps)
    {
        int pages = range.End;
        PteBits bits = pmd.Bits | PteBits.Pmd;
        if (pmd.IsZeroPage)
        {
            observation.AddPtes(range.FirstPage, pages, ObservationLayout.ZeroPage, 0, bits);
            return;
        }
        observation.AddPtes(range.FirstPage, pages, _ids.Of(pmd.Frame), 0, bits);
        smaps.AnonHugePages += pages;
        ObserveSmaps(pmd.Frame, pmd.Frame, pages, pmd.Has(PteBits.Dirty), locked, ref smaps);
    }

    private static int ObserveGuards(Observation observation, in PageTable.LeafRange range, in EntryWord entries, int bit)
    {
        int count = BitOperations.TrailingZeroCount(~(entries.Guards >> bit));
        observation.AddPtes(range.FirstPage + entries.FirstEntry + bit, count, ObservationLayout.GuardMarker, 0, PteBits.None);
        return count;
    }

    private static int ObserveZeroPages(Observation observation, in PageTable.LeafRange range, in EntryWord entries, int bit)
    {
        int count = entries.RunFrom(bit);
        observation.AddPtes(range.FirstPage + entries.FirstEntry + bit, count, ObservationLayout.ZeroPage, 0, entries.BitsOf(bit));
        return count;
    }

    /// <summary>Entries with equal bits that map consecutive pages of one folio; returns how many.</summary>
    private int ObserveFolioRun(
        Observation observation, in PageTable.LeafRange range, in EntryWord entries, int bit, bool locked, ref Smaps smaps)
    {
        int index = entries.FirstEntry + bit;
        int frame = range.Leaf.Frames[index];
        int folio = _folios.Head[frame];
        int order = _folios.Order[folio];
        int count = 1;
        if (order > 0)
        {
            count = Math.Min(entries.RunFrom(bit), folio + (1 << order) - frame);
            count = LeafTable.ConsecutiveFrames(range.Leaf.Frames.AsSpan(index, count));
        }
        PteBits bits = entries.BitsOf(bit);
        observation.AddPtes(range.FirstPage + index, count, _ids.Of(folio), frame - folio, bits);
        ObserveSmaps(folio, frame, count, (bits & PteBits.Dirty) != 0, locked, ref smaps);
        return count;
    }

    /// <summary>What smaps tells of pages of one folio with equal bits.</summary>
    private void ObserveSmaps(int folio, int frame, int count, bool dirty, bool locked, ref Smaps smaps)
    {
        int mappedOnce = MappedOnce(folio, frame, count);
        AddToSmaps(ref smaps, count, mappedOnce, dirty, _folios.Flags[folio]);
        if (locked)
            smaps.Locked += LockedShares(folio, frame, count, mappedOnce);
    }

    /// <summary>Pages whose precise mapcount is 1, of a run that something maps: by entries, or by the PMD of the folio.</summary>
    private int MappedOnce(int folio, int frame, int count)
    {
        ReadOnlySpan<int> mapcounts = _folios.Mapcount.AsSpan(frame, count);
        return _folios.Order[folio] == 0 ? CountOf(1, mapcounts) : CountOf(1 - _folios.EntireMapcount[folio], mapcounts);
    }

    /// <summary>smaps_account for pages of one folio that are alike but for their mapcounts.</summary>
    private static void AddToSmaps(ref Smaps smaps, int count, int mappedOnce, bool dirty, FolioFlags flags)
    {
        smaps.Rss += count;
        if ((flags & FolioFlags.File) == 0)
            smaps.Anonymous += count;
        if (dirty || (flags & FolioFlags.Dirty) != 0)
        {
            smaps.PrivateDirty += mappedOnce;
            smaps.SharedDirty += count - mappedOnce;
            return;
        }
        smaps.PrivateClean += mappedOnce;
        smaps.SharedClean += count - mappedOnce;
        if ((flags & (FolioFlags.SwapBacked | FolioFlags.File)) == 0)
            smaps.LazyFree += count;
    }

    /// <summary>What pages of one folio add to Locked, in 4096ths of a byte: a page that others map too counts in part.</summary>
    private long LockedShares(int folio, int frame, int count, int mappedOnce)
    {
        if (mappedOnce == count || _folios.References[folio] == 1)
            return count * WholeShare;
        long shares = 0;
        int entire = _folios.Order[folio] == 0 ? 0 : _folios.EntireMapcount[folio];
        foreach (int mapcount in _folios.Mapcount.AsSpan(frame, count))
            shares += WholeShare / (mapcount + entire);
        return shares;
    }

    private static int CountOf(int wanted, ReadOnlySpan<int> mapcounts)
    {
        int found = 0;
        int done = 0;
        foreach (Vector<int> chunk in MemoryMarshal.Cast<int, Vector<int>>(mapcounts))
        {
            // A lane that compares equal holds -1.
            found -= Vector.Sum(Vector.Equals(chunk, new Vector<int>(wanted)));
            done += Vector<int>.Count;
        }
        for (; done < mapcounts.Length; done++)
        {
            if (mapcounts[done] == wanted)
                found++;
        }
        return found;
    }

    /// <summary>Sixty-four entries of a leaf table: one word of each plane, without the entries outside a range.</summary>
    private readonly struct EntryWord(in PageTable.LeafRange range, int word)
    {
        private readonly ulong _special = range.Leaf.Special.Word(word, range.From, range.End);
        private readonly ulong _writable = range.Leaf.Writable.Word(word, range.From, range.End);
        private readonly ulong _dirty = range.Leaf.GatheredDirty(word);
        private readonly ulong _young = range.Leaf.GatheredYoung(word);
        private readonly ulong _protNone = range.Leaf.ProtNone.Word(word, range.From, range.End);
        private readonly ulong _uffdWp = range.Leaf.UffdWp.Word(word, range.From, range.End);
        private readonly ulong _softDirty = range.Leaf.SoftDirty.Word(word, range.From, range.End);

        private readonly ulong _contiguous = range.Leaf.Contiguous.Word(word);
        private readonly ulong _rawYoung = range.Leaf.Contiguous.Word(word) & range.Leaf.Young.Word(word);
        private readonly ulong _rawDirty = range.Leaf.Contiguous.Word(word) & range.Leaf.Dirty.Word(word);

        public ulong Present { get; } = range.Leaf.Present.Word(word, range.From, range.End);

        /// <summary>Guard markers, which are not present.</summary>
        public ulong Guards { get; } = range.Leaf.Guards.Word(word, range.From, range.End);

        /// <summary>The entry that bit 0 stands for.</summary>
        public int FirstEntry { get; } = word * 64;

        public bool IsGuard(int bit) => (Guards & (1UL << bit)) != 0;

        public bool IsSpecial(int bit) => (_special & (1UL << bit)) != 0;

        /// <summary>The bits of one entry.</summary>
        public PteBits BitsOf(int bit)
        {
            ulong entry = 1UL << bit;
            return If(_writable & entry, PteBits.Writable) | If(_dirty & entry, PteBits.Dirty) | If(_young & entry, PteBits.Young)
                | If(_protNone & entry, PteBits.ProtNone) | If(_uffdWp & entry, PteBits.UffdWp) | If(_softDirty & entry, PteBits.SoftDirty)
                | If(_contiguous & entry, PteBits.Contiguous) | If(_rawYoung & entry, PteBits.RawYoung) | If(_rawDirty & entry, PteBits.RawDirty);
        }

        private static PteBits If(ulong entry, PteBits bits) => entry == 0 ? PteBits.None : bits;

        /// <summary>Present entries from one on that are equal to it in every plane.</summary>
        public int RunFrom(int bit)
        {
            ulong changes = Changes(Present, bit) | Changes(_special, bit) | Changes(_writable, bit)
                | Changes(_dirty, bit) | Changes(_young, bit) | Changes(_protNone, bit) | Changes(_uffdWp, bit) | Changes(_softDirty, bit)
                | Changes(_contiguous, bit) | Changes(_rawYoung, bit) | Changes(_rawDirty, bit);
            return BitOperations.TrailingZeroCount(changes & (ulong.MaxValue << bit)) - bit;
        }

        /// <summary>The bits of a plane that differ from one of them.</summary>
        private static ulong Changes(ulong plane, int bit) => (plane & (1UL << bit)) != 0 ? ~plane : plane;
    }
}
