using System.Numerics;
using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// One leaf page table: the frame of every entry, and one bit plane for each bit of an entry.
/// <code>
/// entry          0    1    2    3    4    5    6    7  ...  Machine.EntriesPerTable - 1
/// Frames        40   41   42   43    -   -1   97    -
/// Present        1    1    1    1    0    1    1    0       word 0 holds entries 0..63, word 1 entries 64..127, ...
/// Special        0    0    0    0    0    1    0    0       the zero page: no folio, frame -1
/// Writable       1    1    0    1    0    0    1    0
/// Dirty          1    1    1    1    0    0    1    0
/// Young          1    1    1    0    0    1    1    0
/// ProtNone       0    0    0    0    0    0    0    0       set all through a VMA without rights; elsewhere a hint, and rare
/// UffdWp         0    0    1    0    0    0    0    0       rare: see HasRareBits
/// SoftDirty      0    0    0    0    0    0    0    0       rare
/// Guards         0    0    0    0    1    0    0    0       rare; an entry that is a guard marker
/// </code>
/// An entry that is not present has every bit clear, or is a guard marker; its frame means nothing. A table of fewer than 64
/// entries uses the low bits of one word. Where blocks are folded Young and Dirty are the descriptors' own (LeafTableBlocks.cs).
/// </summary>
internal sealed partial class LeafTable(int entries, int block)
{
    /// <summary>Stands for a frame in entries of the zero page: it never continues a run of frames.</summary>
    public const int NoFrame = -1;

    public int[] Frames { get; } = new int[entries];

    public BitPlane Present { get; } = new(entries);

    public BitPlane Special { get; } = new(entries);

    public BitPlane Writable { get; } = new(entries);

    public BitPlane Dirty { get; } = new(entries);

    public BitPlane Young { get; } = new(entries);

    public BitPlane ProtNone { get; } = new(entries);

    /// <summary>Write-protected by userfaultfd; never writable.</summary>
    public BitPlane UffdWp { get; } = new(entries);

    /// <summary>Written or moved since the last clear_refs.</summary>
    public BitPlane SoftDirty { get; } = new(entries);

    /// <summary>Guard markers: neither present nor empty.</summary>
    public BitPlane Guards { get; } = new(entries);

    /// <summary>
    /// Whether <see cref="UffdWp"/>, <see cref="SoftDirty"/> or <see cref="Guards"/> may have a bit, or <see cref="ProtNone"/> one that is only a NUMA hint.
    /// Stays set until the table is given back, so that nobody looks at these planes of a table that never used them.
    /// </summary>
    public bool HasRareBits { get; private set; }

    public bool IsEmpty => !HoldsAny(0, Frames.Length);

    /// <summary>Whether some entry of a range is not none.</summary>
    public bool HoldsAny(int from, int end) => Present.Any(from, end) || (HasRareBits && Guards.Any(from, end));

    public bool IsGuard(int index) => HasRareBits && Guards[index];

    public bool IsUffdWp(int index) => HasRareBits && UffdWp[index];

    public bool IsSoftDirty(int index) => HasRareBits && SoftDirty[index];

    /// <summary>Writable, ProtNone, UffdWp and SoftDirty of a present entry.</summary>
    public PteBits RightsOf(int index) =>
        If(Writable[index], PteBits.Writable) | If(ProtNone[index], PteBits.ProtNone)
            | If(IsUffdWp(index), PteBits.UffdWp) | If(IsSoftDirty(index), PteBits.SoftDirty);

    /// <summary>Whether an entry has all of some bits: writable, soft-dirty, and dirty and young as a walk reads them.</summary>
    public bool HasAll(int index, PteBits bits) =>
        ((bits & PteBits.Writable) == 0 || Writable[index]) && ((bits & PteBits.Dirty) == 0 || IsDirty(index))
            && ((bits & PteBits.Young) == 0 || IsYoung(index)) && ((bits & PteBits.SoftDirty) == 0 || IsSoftDirty(index));

    /// <summary>A present entry gets some bits: writable, soft-dirty, and dirty and young of its own.</summary>
    public void Add(int index, PteBits bits)
    {
        if ((bits & PteBits.Writable) != 0)
            Writable.Set(index);
        if ((bits & PteBits.Dirty) != 0)
            Dirty.Set(index);
        if ((bits & PteBits.Young) != 0)
            Young.Set(index);
        if ((bits & PteBits.SoftDirty) != 0)
            SetSoftDirty(index, index + 1);
    }

    public void SetUffdWp(int from, int end)
    {
        HasRareBits = true;
        UffdWp.SetRange(from, end);
    }

    public void ClearUffdWp(int from, int end)
    {
        if (HasRareBits)
            UffdWp.ClearRange(from, end);
    }

    public void SetSoftDirty(int from, int end)
    {
        HasRareBits = true;
        SoftDirty.SetRange(from, end);
    }

    /// <summary>Whether an entry is inaccessible although the rights of its VMA, which has some, say otherwise.</summary>
    public bool IsHinted(int index) => HasRareBits && ProtNone[index];

    /// <summary>Entries are inaccessible for the time being, in a VMA with rights.</summary>
    public void SetHinted(int from, int end)
    {
        HasRareBits = true;
        ProtNone.SetRange(from, end);
        Writable.ClearRange(from, end);
    }

    /// <summary>Guard markers behind entries that hold nothing else.</summary>
    public void SetGuards(int from, int end)
    {
        HasRareBits = true;
        Guards.SetRange(from, end);
    }

    public void ClearGuards(int from, int end)
    {
        if (HasRareBits)
            Guards.ClearRange(from, end);
    }

    /// <summary>The table goes back to the pool, empty: no bit of any plane is set.</summary>
    public void GiveBack()
    {
        HasRareBits = false;
        HasContiguous = false;
    }

    /// <summary>set_ptes: consecutive frames behind entries that held nothing: young, and with the right to store writable and dirty.</summary>
    public void WriteFresh(int index, int frame, int count, bool writable)
    {
        FillConsecutive(Frames.AsSpan(index, count), frame);
        int end = index + count;
        Present.SetRange(index, end);
        Young.SetRange(index, end);
        if (!writable)
            return;
        Writable.SetRange(index, end);
        Dirty.SetRange(index, end);
    }

    /// <summary>set_pte_range: consecutive frames of the file behind entries that held nothing: young, the rest as the caller says.</summary>
    public void WriteOfFile(int index, int frame, int count, bool writable, bool dirty)
    {
        FillConsecutive(Frames.AsSpan(index, count), frame);
        int end = index + count;
        Present.SetRange(index, end);
        Young.SetRange(index, end);
        if (writable)
            Writable.SetRange(index, end);
        if (dirty)
            Dirty.SetRange(index, end);
    }

    /// <summary>
    /// The bits of a PMD mapping that takes the place of all entries: writable iff all are, dirty, young and soft-dirty if any is; in the others they are alike.
    /// </summary>
    public PteBits MergedBits()
    {
        int end = Frames.Length;
        return (RightsOf(0) & (PteBits.ProtNone | PteBits.UffdWp)) | If(Writable.NextClear(0, end) == end, PteBits.Writable)
            | If(Dirty.Any(0, end), PteBits.Dirty) | If(Young.Any(0, end), PteBits.Young) | If(SoftDirty.Any(0, end), PteBits.SoftDirty);
    }

    /// <summary>
    /// All entries of a table that held nothing, with equal bits: consecutive frames, or the zero page behind each (<see cref="NoFrame"/>).
    /// </summary>
    public void WriteAll(int frame, PteBits bits)
    {
        if (frame == NoFrame)
            Frames.AsSpan().Fill(NoFrame);
        else
            FillConsecutive(Frames, frame);
        int end = Frames.Length;
        Present.SetRange(0, end);
        SetAllIf(Special, frame == NoFrame);
        SetAllIf(Writable, (bits & PteBits.Writable) != 0);
        SetAllIf(Dirty, (bits & PteBits.Dirty) != 0);
        SetAllIf(Young, (bits & PteBits.Young) != 0);
        SetAllIf(ProtNone, (bits & PteBits.ProtNone) != 0);
        if ((bits & PteBits.UffdWp) != 0)
            SetUffdWp(0, end);
        if ((bits & PteBits.SoftDirty) != 0)
            SetSoftDirty(0, end);
    }

    /// <summary>The zero page behind an entry: read-only, clean, young (SPECIFICATION.md 17.3). Its rights stay those of the VMA.</summary>
    public void WriteZeroPage(int index)
    {
        Frames[index] = NoFrame;
        Present.Set(index);
        Special.Set(index);
        Writable.Clear(index);
        Dirty.Clear(index);
        Young.Set(index);
    }

    /// <summary>Another page behind a present read-only entry, which is young and clean then and keeps its other bits.</summary>
    public void Replace(int index, int frame)
    {
        Frames[index] = frame;
        Special.Clear(index);
        Dirty.Clear(index);
        Young.Set(index);
    }

    /// <summary>modify_prot_start_ptes: what one entry of a batch knows, all of them know afterwards.</summary>
    public void SmearYoungAndDirty(int from, int end)
    {
        if (Young.Any(from, end))
            Young.SetRange(from, end);
        if (Dirty.Any(from, end))
            Dirty.SetRange(from, end);
    }

    /// <summary>Present entries become none; guard markers stay.</summary>
    public void Clear(int from, int end)
    {
        Present.ClearRange(from, end);
        Special.ClearRange(from, end);
        Writable.ClearRange(from, end);
        Dirty.ClearRange(from, end);
        Young.ClearRange(from, end);
        ProtNone.ClearRange(from, end);
        if (!HasRareBits)
            return;
        UffdWp.ClearRange(from, end);
        SoftDirty.ClearRange(from, end);
    }

    /// <summary>
    /// move_ptes: entries go to where all is none; maybe within one table. They lose the protection of userfaultfd unless it was
    /// left over, become soft-dirty where that is tracked, and keep all other bits; guard markers go too.
    /// </summary>
    public void MoveTo(LeafTable target, int index, int targetIndex, int count, bool softDirty, bool keepUffdWp)
    {
        int targetEnd = targetIndex + count;
        Frames.AsSpan(index, count).CopyTo(target.Frames.AsSpan(targetIndex));
        target.Present.CopyShifted(Present, index, targetIndex, targetEnd);
        target.Special.CopyShifted(Special, index, targetIndex, targetEnd);
        target.Writable.CopyShifted(Writable, index, targetIndex, targetEnd);
        target.Dirty.CopyShifted(Dirty, index, targetIndex, targetEnd);
        target.Young.CopyShifted(Young, index, targetIndex, targetEnd);
        target.ProtNone.CopyShifted(ProtNone, index, targetIndex, targetEnd);
        target.HasRareBits |= HasRareBits || softDirty;
        if (softDirty)
            target.SoftDirty.CopyShifted(Present, index, targetIndex, targetEnd);
        if (HasRareBits)
            target.Guards.CopyShifted(Guards, index, targetIndex, targetEnd);
        if (HasRareBits && keepUffdWp)
            target.UffdWp.CopyShifted(UffdWp, index, targetIndex, targetEnd);
        Clear(index, index + count);
        ClearGuards(index, index + count);
    }

    /// <summary>
    /// What copy_pte_range does to the two tables of a fork, for a whole range: the child's entries are old, read-only and not
    /// protected by userfaultfd, the parent's lose the write bit; guard markers are copied. The child's range held nothing
    /// before, but for soft-dirty bits, which are a matter of batches.
    /// </summary>
    public void CopyForFork(LeafTable child, int from, int end)
    {
        Frames.AsSpan(from, end - from).CopyTo(child.Frames.AsSpan(from));
        child.Present.CopyRange(Present, from, end);
        child.Special.CopyRange(Special, from, end);
        child.ProtNone.CopyRange(ProtNone, from, end);
        child.Dirty.CopyRange(Dirty, from, end);
        Writable.ClearRange(from, end);
        if (HasRareBits && (Guards.Any(from, end) || ProtNone.Any(from, end)))
        {
            child.HasRareBits = true;
            child.Guards.CopyRange(Guards, from, end);
        }
    }

    /// <summary>How many frames from the first one on follow each other; at least one.</summary>
    public static int ConsecutiveFrames(ReadOnlySpan<int> frames)
    {
        int first = frames[0];
        int done = 0;
        Vector<int> expected = Vector<int>.Indices + new Vector<int>(first);
        foreach (Vector<int> chunk in MemoryMarshal.Cast<int, Vector<int>>(frames))
        {
            if (chunk != expected)
                break;
            expected += new Vector<int>(Vector<int>.Count);
            done += Vector<int>.Count;
        }
        while (done < frames.Length && frames[done] == first + done)
            done++;
        return done;
    }

    private static PteBits If(bool has, PteBits bits) => has ? bits : PteBits.None;

    private void SetAllIf(BitPlane plane, bool set)
    {
        if (set)
            plane.SetRange(0, Frames.Length);
    }

    private static void FillConsecutive(Span<int> frames, int first)
    {
        int done = 0;
        Vector<int> next = Vector<int>.Indices + new Vector<int>(first);
        foreach (ref Vector<int> chunk in MemoryMarshal.Cast<int, Vector<int>>(frames))
        {
            chunk = next;
            next += new Vector<int>(Vector<int>.Count);
            done += Vector<int>.Count;
        }
        for (; done < frames.Length; done++)
            frames[done] = first + done;
    }
}
