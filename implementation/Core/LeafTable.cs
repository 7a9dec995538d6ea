using System.Numerics;
using System.Runtime.InteropServices;

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
/// ProtNone       0    0    0    0    0    0    0    0       set all through a VMA without rights
/// </code>
/// An entry that is not present has every bit clear; its frame means nothing. A table of fewer than 64 entries uses the low
/// bits of one word.
/// </summary>
internal sealed class LeafTable(int entries)
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

    public bool IsEmpty => !Present.Any(0, Frames.Length);

    /// <summary>set_ptes: consecutive frames behind entries that held nothing, all writable, dirty and young.</summary>
    public void WriteFresh(int index, int frame, int count)
    {
        FillConsecutive(Frames.AsSpan(index, count), frame);
        int end = index + count;
        Present.SetRange(index, end);
        Writable.SetRange(index, end);
        Dirty.SetRange(index, end);
        Young.SetRange(index, end);
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

    /// <summary>A writable private page in place of whatever the entry held.</summary>
    public void Replace(int index, int frame)
    {
        Special.Clear(index);
        WriteFresh(index, frame, 1);
    }

    /// <summary>Makes one entry writable, as a write fault leaves it: young and dirty too.</summary>
    public void MakeWritable(int index)
    {
        Writable.Set(index);
        Dirty.Set(index);
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

    public void Clear(int from, int end)
    {
        Present.ClearRange(from, end);
        Special.ClearRange(from, end);
        Writable.ClearRange(from, end);
        Dirty.ClearRange(from, end);
        Young.ClearRange(from, end);
        ProtNone.ClearRange(from, end);
    }

    /// <summary>move_ptes: entries go, bits unchanged, to where nothing is present; maybe within one table.</summary>
    public void MoveTo(LeafTable target, int index, int targetIndex, int count)
    {
        int targetEnd = targetIndex + count;
        Frames.AsSpan(index, count).CopyTo(target.Frames.AsSpan(targetIndex));
        target.Present.CopyShifted(Present, index, targetIndex, targetEnd);
        target.Special.CopyShifted(Special, index, targetIndex, targetEnd);
        target.Writable.CopyShifted(Writable, index, targetIndex, targetEnd);
        target.Dirty.CopyShifted(Dirty, index, targetIndex, targetEnd);
        target.Young.CopyShifted(Young, index, targetIndex, targetEnd);
        target.ProtNone.CopyShifted(ProtNone, index, targetIndex, targetEnd);
        Clear(index, index + count);
    }

    /// <summary>
    /// What copy_present_ptes does to the two tables of a fork, for a whole range: the child's entries are old and read-only,
    /// the parent's lose the write bit. The child's range held nothing before.
    /// </summary>
    public void CopyForFork(LeafTable child, int from, int end)
    {
        Frames.AsSpan(from, end - from).CopyTo(child.Frames.AsSpan(from));
        child.Present.CopyRange(Present, from, end);
        child.Special.CopyRange(Special, from, end);
        child.ProtNone.CopyRange(ProtNone, from, end);
        child.Dirty.CopyRange(Dirty, from, end);
        Writable.ClearRange(from, end);
    }

    /// <summary>How many frames from the first one on follow each other; at least one.</summary>
    public static int ConsecutiveFrames(ReadOnlySpan<int> frames)
    {
        int first = frames[0];
        int done = 0;
        if (frames.Length >= Vector<int>.Count)
        {
            Vector<int> expected = Vector<int>.Indices + new Vector<int>(first);
            foreach (Vector<int> chunk in MemoryMarshal.Cast<int, Vector<int>>(frames))
            {
                if (chunk != expected)
                    break;
                expected += new Vector<int>(Vector<int>.Count);
                done += Vector<int>.Count;
            }
        }
        while (done < frames.Length && frames[done] == first + done)
            done++;
        return done;
    }

    private static void FillConsecutive(Span<int> frames, int first)
    {
        int done = 0;
        if (frames.Length >= Vector<int>.Count)
        {
            Vector<int> next = Vector<int>.Indices + new Vector<int>(first);
            foreach (ref Vector<int> chunk in MemoryMarshal.Cast<int, Vector<int>>(frames))
            {
                chunk = next;
                next += new Vector<int>(Vector<int>.Count);
                done += Vector<int>.Count;
            }
        }
        for (; done < frames.Length; done++)
            frames[done] = first + done;
    }
}
