using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What is mapped, where, with which rights, and where it moves.</summary>
public sealed partial class ScenarioGenerator
{
    private long DrawMmapLength()
    {
        int table = _sketch.Machine.EntriesPerTable;
        return _choices.Choose(4) switch
        {
            0 when table < 512 || _choices.Chance(1, 6) => table,
            1 when table < 512 || _choices.Chance(1, 6) => table + _choices.Pick(-1, 1, 2, table / 2),
            2 => Lengths[_choices.Choose(Lengths.Length)],
            _ => 1 + _choices.Choose(table < 512 ? 2 * table : 100),
        };
    }

    /// <summary>Areas lie some tables apart, often aligned, sometimes so that they cross a table's end soon.</summary>
    private long DrawMmapStart(int area)
    {
        int table = _sketch.Machine.EntriesPerTable;
        long start = 4L * table * area;
        return start + _choices.Choose(6) switch
        {
            0 or 1 or 2 => 0,
            3 => _choices.Pick(1, 2, 3, 4),
            4 => table - _choices.Pick(1, 2, 4, 8),
            _ => table / 2,
        };
    }

    private void DrawMmap(int process)
    {
        long length = DrawMmapLength();
        bool inside = _sketch.RangesOf(process).Count > 0 && _choices.Chance(1, 2);
        long start = inside ? DrawPage(process) : DrawMmapStart(_choices.Choose(5));
        Protection protection = _choices.Choose(12) switch
        {
            0 => Protection.Read,
            1 => Protection.None,
            2 => Protection.Write,
            _ => Protection.Read | Protection.Write,
        };
        Add(Operation.Mmap(process, start, inside ? 1 + (length / 4) : length, protection));
        if (_choices.Chance(1, 2))
            Add(Operation.Madvise(process, start, length, Advice.HugePage));
    }

    /// <summary>Rights taken are often given back: that is where AnonExclusive decides.</summary>
    private void DrawMprotect(int process)
    {
        (long start, long length) = DrawRange(process);
        const Protection ReadWrite = Protection.Read | Protection.Write;
        Add(Operation.Mprotect(process, start, length, _choices.Pick(Protection.None, Protection.Read, Protection.Read, ReadWrite, ReadWrite, Protection.Write)));
        if (_choices.Chance(1, 3))
            Add(Operation.Mprotect(process, start, length, ReadWrite));
    }

    /// <summary>Mostly a move: by whole tables, by a few pages so that folios straddle tables, or beside other memory.</summary>
    private void DrawMremap(int process)
    {
        // Registered memory loses its protection on the way, entry by entry or as a whole.
        (process, long start, long length) = _sketch.Watched.Count > 0 && _choices.Chance(1, 6) ? DrawFrom(_sketch.Watched, process) : WithRange(process);
        Add(DrawMremap(process, start, length));
    }

    private Operation DrawMremap(int process, long start, long length)
    {
        int table = _sketch.Machine.EntriesPerTable;
        bool whole = start % table == 0 && length >= table;
        long target = _choices.Choose(5) switch
        {
            _ when whole && _choices.Chance(1, 2) => (8L + _choices.Choose(4)) * table,
            0 => (8L * table) + (start % table),
            1 => ((8L + _choices.Choose(4)) * table) - _choices.Pick(1, 2, 3, table / 2),
            2 => DrawMmapStart(_choices.Choose(5)) + _choices.Choose(table),
            3 => DrawPage(process),
            _ => (8L * table) + _choices.Choose(2 * table),
        };
        const MremapFlags Move = MremapFlags.MayMove | MremapFlags.Fixed;
        return _choices.Choose(12) switch
        {
            0 => Operation.Mremap(process, start, length, length + _choices.Pick(1, 3, 8), Move, target),
            1 => Operation.Mremap(process, start, length, Math.Max(1, length / 2), Move, target),
            2 => Operation.Mremap(process, start, length, length, Move | MremapFlags.DontUnmap, target),
            3 => DrawGrowth(process),
            4 => Operation.Mremap(process, start, length, Math.Max(1, length / 2), MremapFlags.None, 0),
            5 when _choices.Chance(1, 2) => DrawOddMremap(process, start, length, target),
            _ => Operation.Mremap(process, start, length, length, Move, target),
        };
    }

    /// <summary>At the edges of what is allowed. Never a move to where the kernel likes, which is not modelled.</summary>
    private Operation DrawOddMremap(int process, long start, long length, long target)
    {
        const MremapFlags Move = MremapFlags.MayMove | MremapFlags.Fixed;
        var flags = (MremapFlags)_choices.Choose(8);
        if ((flags & Move) == MremapFlags.MayMove)
            flags |= MremapFlags.Fixed;
        long newLength = _choices.Pick(length, length, 0L, 1L, length + 1, TooMuchFor(length), Machine.AddressSpacePages, Machine.AddressSpacePages + 1);
        long last = Machine.AddressSpacePages - Math.Min(newLength, Machine.AddressSpacePages);
        return Operation.Mremap(
            process, _choices.Pick(start, start, start, -1L, Machine.LengthWrapsPages), _choices.Pick(length, length, 0L), newLength, flags,
            _choices.Pick(target, target, start, start + 1, last, last + 1, -1L));
    }

    /// <summary>So much that it counts what may be committed; it goes again at once, for nobody shall fill it.</summary>
    private void DrawVast(int process)
    {
        const long Start = 1L << 24;
        const long Far = 1L << 25;
        long length = _choices.Pick(Machine.CommitLimitPages / 2, Machine.CommitLimitPages - 1, Machine.CommitLimitPages, Machine.CommitLimitPages + 1);
        Add(Operation.Mmap(process, Start, length, _choices.Pick(Protection.Read, Protection.Read, Protection.Read | Protection.Write)));
        if (_choices.Chance(1, 2))
            Add(Operation.Write(process, Start + 1, NextToken()));
        switch (_choices.Choose(4))
        {
            case 0:
                Add(Operation.Mprotect(process, Start, length, _choices.Pick(Protection.None, Protection.Read | Protection.Write)));
                break;
            case 1:
                Add(Operation.Mremap(process, Start, length, length + _choices.Pick(-1, 1), MremapFlags.MayMove | MremapFlags.Fixed, Far));
                break;
            case 2:
                Add(Operation.Mremap(process, Start, length, length + _choices.Pick(-1, 1), MremapFlags.None, 0));
                break;
            default:
                // The end of what is refused lies within a mapping.
                Add(Operation.Mmap(process, Start - 4, length, Protection.Read | Protection.Write));
                break;
        }
        Add(Operation.Munmap(process, Start - 4, Machine.CommitLimitPages + 8));
        Add(Operation.Munmap(process, Far, Machine.CommitLimitPages + 8));
    }

    /// <summary>In place, from the end of what is mapped, where there may be room; locked memory is populated as it grows.</summary>
    private Operation DrawGrowth(int process)
    {
        IReadOnlyList<(long Start, long End)> ranges = _sketch.RangesOf(process);
        (long start, long end) = ranges.Count == 0 ? (DrawPage(process), DrawPage(process) + 1) : ranges[_choices.Choose(ranges.Count)];
        long last = Math.Max(start, end - _choices.Pick(1, 2, 8));
        if (end > last && _choices.Chance(1, 3))
            Add(Operation.Mlock(process, last, end - last));
        return Operation.Mremap(process, last, end - last, end - last + _choices.Pick(1, 4, 8), MremapFlags.None, 0);
    }

    /// <summary>More than may be committed; but locked memory would be populated page by page.</summary>
    private long TooMuchFor(long length) =>
        _operations.Exists(operation => operation.Kind is OperationKind.Mlock or OperationKind.MlockOnFault) ? length + 1 : Machine.CommitLimitPages + length;
}
