using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Guard markers, userfaultfd and soft-dirty bits: who wants to hear of accesses.</summary>
public sealed partial class ScenarioGenerator
{
    private void DrawGuard(int process)
    {
        if (_choices.Chance(1, 12))
        {
            DrawGrownMapping(process, page => Operation.Madvise(process, page, 1, Advice.GuardInstall));
            return;
        }
        (long start, long length) = DrawRange(process);
        length = Math.Min(length, _choices.Pick(1, 1, 2, 8, 70));
        Add(Operation.Madvise(process, start, length, _choices.Chance(2, 3) ? Advice.GuardInstall : Advice.GuardRemove));
        // A guard on the way is what other calls must stop at.
        if (_choices.Chance(1, 4))
        {
            int before = _choices.Pick(3, 3, _sketch.Machine.EntriesPerTable);
            Add(Operation.Madvise(process, Math.Max(0, start - before), length + (2 * before), _choices.Pick(Advice.PopulateRead, Advice.PopulateWrite, Advice.DontNeed)));
        }
    }

    /// <summary>Register, protect a part, and then see who minds: protection means something only where pages are.</summary>
    private void DrawWatch(int process)
    {
        IReadOnlyList<(long Start, long End)> ranges = _sketch.RangesOf(process);
        if (ranges.Count > 0 && _choices.Chance(1, 8))
        {
            DrawMoveBeside(process, ranges[_choices.Choose(ranges.Count)]);
            return;
        }
        int choice = _choices.Choose(8);
        (process, long start, long length) = choice is 0 or 2 or 3 or 4 ? DrawFrom(_sketch.Watched, process) : WithRange(process);
        switch (choice)
        {
            case 0:
                Add(Operation.UffdUnregister(process, start, length));
                break;
            case 1:
                Add(Operation.UffdRegister(process, start, length));
                break;
            case 2 or 3:
                Add(Operation.UffdWriteProtect(process, start, length, protects: false));
                break;
            case 4:
                Add(Operation.UffdWriteProtect(process, start, length, protects: true));
                break;
            case 5:
                // All of it, so that what moves or is forked next is protected as a whole.
                if (_sketch.UsesPmds && _choices.Chance(2, 3))
                    (start, length) = DrawWatchedBlocks(process);
                Add(Operation.UffdRegister(process, start, length));
                Add(Operation.UffdWriteProtect(process, start, length, protects: true));
                DrawUseOfWatched(process, start, length);
                break;
            default:
                Add(Operation.UffdRegister(process, start, length));
                Add(Operation.UffdWriteProtect(process, start + _choices.Choose(3), Math.Max(1, length - _choices.Choose(4)), protects: true));
                break;
        }
        if (_choices.Chance(1, 5))
            Add(Operation.WriteRange(process, Math.Max(0, start - 1), Math.Min(length, 20) + 2, NextToken()));
    }

    /// <summary>Blocks that are in use, or that a load or a store fills first.</summary>
    private (long Start, long Length) DrawWatchedBlocks(int process)
    {
        if (_choices.Chance(1, 2))
            return (DrawBlock(process), _sketch.Machine.EntriesPerTable);
        (long start, long length) = MapFreshBlocks(process);
        if (_choices.Chance(1, 2))
            Load(process, start, length);
        else
            Add(Operation.WriteRange(process, start, length, NextToken()));
        return (start, length);
    }

    /// <summary>What is protected as a whole moves, or is taken apart.</summary>
    private void DrawUseOfWatched(int process, long start, long length)
    {
        long part = 1 + _choices.Choose((int)Math.Min(length, 64));
        switch (_choices.Choose(9))
        {
            case 0 or 1 or 2 or 3:
                Add(DrawMremap(process, start, length));
                break;
            case 4:
                Add(Operation.Madvise(process, start, part, Advice.DontNeed));
                break;
            case 5:
                Add(Operation.Munmap(process, start, part));
                break;
            case 6:
                Add(Operation.Mprotect(process, start, part, Protection.Read));
                break;
            case 7:
                // A copy in place of a shared page is as protected as the page was.
                Add(Operation.Fork(process, DrawChild()));
                if (_sketch.Handles.Count < 4)
                    DrawHold(process, Kind.PinRead, start, part);
                break;
            default:
                Add(Operation.SplitFolio(process, start + _choices.Choose((int)Math.Min(length, 64)), DrawSplitOrder()));
                break;
        }
    }

    /// <summary>Registered memory comes to lie beside other registered memory, which loses its registration by a quirk and keeps the bits of its entries.</summary>
    private void DrawMoveBeside(int process, (long Start, long End) range)
    {
        long length = range.End - range.Start;
        Add(Operation.UffdRegister(process, range.Start, length));
        Add(Operation.UffdWriteProtect(process, range.Start, length, protects: true));
        long far = DrawMmapStart(6);
        Add(Operation.Mmap(process, far, 2));
        if (_choices.Chance(1, 2))
            Add(Operation.Madvise(process, far, 2, Advice.HugePage));
        Add(Operation.UffdRegister(process, far, 2));
        Add(Operation.Mremap(process, far, 2, 2, MremapFlags.MayMove | MremapFlags.Fixed, range.End));
        Add(Operation.Write(process, DrawPage(process), NextToken()));
    }

    private void DrawSoftDirty(int process)
    {
        if (_choices.Chance(1, 6))
        {
            DrawGrownMapping(process, _ => Operation.ClearSoftDirty(process));
            return;
        }
        Add(Operation.ClearSoftDirty(process));
        // Only then single entries say what was written.
        if (!_choices.Chance(1, 2))
            return;
        long page = DrawPage(process);
        Add(Operation.WriteRange(process, page, _choices.Pick(1, 2, 5), NextToken()));
        if (_choices.Chance(1, 3))
        {
            Add(Operation.Mprotect(process, page, 8, Protection.Read));
            Add(Operation.Mprotect(process, page, 8, Protection.Read | Protection.Write));
        }
    }

    /// <summary>Memory that comes later joins it: its flags say something of a past that the new pages do not have.</summary>
    /// <param name="process">The process.</param>
    /// <param name="past">What happens to the first page in between.</param>
    private void DrawGrownMapping(int process, Func<long, Operation> past)
    {
        long start = DrawMmapStart(_choices.Choose(6)) + 16;
        long length = _choices.Pick(1, 2, 8);
        Add(Operation.Mmap(process, start, length));
        if (_choices.Chance(1, 2))
            Add(Operation.Write(process, start, NextToken()));
        Add(past(start));
        Add(Operation.Mmap(process, _choices.Chance(1, 2) ? start + length : start - length, length));
        if (_choices.Chance(1, 2))
            Add(Operation.Madvise(process, start - length, 3 * length, Advice.HugePage));
    }
}
