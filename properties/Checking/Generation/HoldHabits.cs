using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>References, pins, locks, and accesses that somebody else makes.</summary>
public sealed partial class ScenarioGenerator
{
    private void DrawHold(int process, Kind kind)
    {
        if (_sketch.Handles.Count >= 4)
            return;
        (long start, long length) = DrawRange(process);
        length = Math.Min(length, _choices.Pick(1, 2, 4, 16, 40));
        if (_choices.Chance(1, 6))
            Age(process, start);
        DrawHold(process, kind, start, length);
        // What follows decides what the references were for.
        if (_choices.Chance(1, 3))
            DrawForkOfHeld(process, start, length);
        else if (_choices.Chance(1, 4))
            Add(Operation.Madvise(process, start, length + _choices.Choose(8), _choices.Pick(Advice.DontNeed, Advice.Free, Advice.Cold)));
        else if (_choices.Chance(1, 6))
            DrawCollapse(process, start / _sketch.Machine.EntriesPerTable * _sketch.Machine.EntriesPerTable);
        else if (_sketch.Machine.SoftDirty && _choices.Chance(1, 4))
            Add(Operation.ClearSoftDirty(process));
    }

    private void DrawHold(int process, Kind kind, long start, long length)
    {
        int handle = DrawHandle(process, kind);
        Add(kind switch
        {
            Kind.Pin => Operation.Pin(process, handle, start, length),
            Kind.PinRead => Operation.PinRead(process, handle, start, length),
            _ => Operation.Get(process, handle, start, length),
        });
    }

    /// <summary>When the other process is gone again, nothing but the references stands in the way of who stores next.</summary>
    private void DrawForkOfHeld(int process, long start, long length)
    {
        int child = DrawChild();
        Add(Operation.Fork(process, child));
        if (!_choices.Chance(1, 2))
            return;
        Add(Operation.Exit(child));
        Add(Operation.Write(process, start + _choices.Choose((int)Math.Max(1, length)), NextToken()));
    }

    /// <summary>Mostly a new number. A pipe's number may be taken again: the pipe that had it lives on without one.</summary>
    private int DrawHandle(int process, Kind kind)
    {
        int used = _sketch.Handles.FindIndex(held => held.Process == process && !held.IsPin);
        if (kind == Kind.Get && used >= 0 && _choices.Chance(1, 2))
            return _sketch.Handles[used].Handle;
        return _choices.Chance(1, 20) ? 0 : _sketch.Handles.Count + (10 * process) + 1;
    }

    /// <summary>What a debugger does to the process.</summary>
    private void DrawForeignAccess(int process)
    {
        if (_choices.Chance(1, 3))
        {
            (long start, long length) = DrawRange(process);
            Add(Operation.ReadRemote(process, start, Math.Min(length, _choices.Pick(1, 2, 5, 20))));
            return;
        }
        long page = DrawPage(process);
        if (_choices.Chance(1, 3))
            TakeRights(process, page);
        else if (_choices.Chance(1, 3))
            Age(process, page);
        Add(_choices.Chance(2, 5) ? Operation.ForceRead(process, page) : Operation.ForceWrite(process, page, NextToken()));
        // Whoever has no right to it must not come to it now.
        if (_choices.Chance(1, 4))
            Add(_choices.Chance(1, 2) ? Operation.Read(process, page) : Operation.Write(process, page, NextToken()));
    }

    /// <summary>Whether an access was a load or a store shows where there was none for a while.</summary>
    private void Age(int process, long page)
    {
        int table = _sketch.Machine.EntriesPerTable;
        Add(Operation.Madvise(process, page / table * table, table, _choices.Pick(Advice.Free, Advice.Cold)));
    }

    /// <summary>What its owner may not store to, or not even load, is what force is for: shared, exclusive again, or not there yet.</summary>
    private void TakeRights(int process, long page)
    {
        switch (_choices.Choose(4))
        {
            case 0:
                Add(Operation.Madvise(process, page, 1, Advice.DontNeed));
                break;
            case 1:
                Add(Operation.Write(process, page, NextToken()));
                int child = DrawChild();
                Add(Operation.Fork(process, child));
                if (_choices.Chance(1, 2))
                    Add(Operation.Exit(child));
                break;
            case 2:
                Add(Operation.Write(process, page, NextToken()));
                break;
        }
        Add(Operation.Mprotect(process, page, _choices.Pick(1, 1, 8), _choices.Pick(Protection.Read, Protection.None)));
    }

    private void DrawLock(int process)
    {
        int choice = _choices.Choose(7);
        // What is undone was mostly done before.
        (process, long start, long length) = choice < 4 ? WithRange(process) : DrawFrom(_sketch.Locked, process);
        if (choice == 3 && _sketch.UsesPmds && _choices.Chance(2, 3))
            (start, length) = (DrawBlock(process), _sketch.Machine.EntriesPerTable);
        // What nobody ever wrote to would be populated page by page.
        length = Math.Min(length, 2L * _sketch.Machine.EntriesPerTable);
        Add(choice switch
        {
            0 or 1 or 2 => Operation.Mlock(process, start, length),
            3 => Operation.MlockOnFault(process, start, length),
            4 => Operation.Madvise(process, start, length, Advice.DontNeedLocked),
            _ => Operation.Munlock(process, start, length),
        });
        // What is locked when it is asked for, or was taken away although it is locked, is loaded before it is stored to.
        if (choice is 3 or 4 && _choices.Chance(1, 2))
            Load(process, start, length);
        else if (choice < 4 && _choices.Chance(1, 3))
            DrawUseOfLocked(process, start, length);
    }

    /// <summary>Rights that come back populate what is locked, unless it is locked on fault; a child that did not lock the memory may give it up.</summary>
    private void DrawUseOfLocked(int process, long start, long length)
    {
        if (_choices.Chance(1, 2))
        {
            Add(Operation.Mprotect(process, start, length, Protection.Read));
            Add(Operation.Mprotect(process, start, length, Protection.Read | Protection.Write));
            return;
        }
        int child = DrawChild();
        Add(Operation.Fork(process, child));
        if (_choices.Chance(1, 3))
            Add(Operation.Munmap(process, start, length));
        else
            Add(Operation.Madvise(child, start, length, _choices.Pick(Advice.Free, Advice.DontNeed, Advice.Cold)));
    }

    private Operation DrawRelease(int process)
    {
        if (_sketch.Handles.Count == 0 || _choices.Chance(1, 12))
            return _choices.Chance(1, 2) ? Operation.Put(process, _choices.Choose(12)) : Operation.Unpin(process, _choices.Choose(12));
        (int holder, int handle, bool pin) = _sketch.Handles[_choices.Choose(_sketch.Handles.Count)];
        return pin != _choices.Chance(1, 20) ? Operation.Unpin(holder, handle) : Operation.Put(holder, handle);
    }
}
