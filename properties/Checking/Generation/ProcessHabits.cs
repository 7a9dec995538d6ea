using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Processes that fork and exit.</summary>
public sealed partial class ScenarioGenerator
{
    /// <summary>Four processes are enough for every state of the two MM-ID slots; more only now and then.</summary>
    private void DrawFork(int process)
    {
        if (_sketch.Processes.Count >= 4 && !_choices.Chance(1, 6))
            return;
        if (_choices.Chance(1, 6))
            DrawForkOfAPart(process);
        else
            Add(Operation.Fork(process, DrawChild()));
    }

    /// <summary>A fork that leaves part of a folio alone: behind it shared and exclusive pages lie side by side, and rights come and go over both.</summary>
    private void DrawForkOfAPart(int process)
    {
        bool isBlock = _sketch.UsesPmds && _choices.Chance(1, 2);
        (long start, long length) = isBlock ? (DrawBlock(process), _sketch.Machine.EntriesPerTable) : DrawRange(process);
        int child = DrawForkOfAPart(process, start, length);
        // Then nobody else maps what was shared, and it is not exclusive yet.
        if (_choices.Chance(1, 3))
            Add(Operation.Exit(child));
        if (isBlock && _choices.Chance(1, 3))
            DrawCollapse(process, start);
        if (_choices.Chance(1, 2))
        {
            Add(Operation.Mprotect(process, start, length, Protection.Read));
            Add(Operation.Mprotect(process, start, length, Protection.Read | Protection.Write));
        }
    }

    /// <summary>Without the first half.</summary>
    /// <returns>The child.</returns>
    private int DrawForkOfAPart(int process, long start, long length)
    {
        long part = Math.Max(1, length / 2);
        int child = DrawChild();
        Add(Operation.Madvise(process, start, part, Advice.DontFork));
        Add(Operation.Fork(process, child));
        Add(Operation.Madvise(process, start, part, Advice.DoFork));
        return child;
    }

    private int DrawChild()
    {
        if (_choices.Chance(1, 20))
            return _choices.Choose(8);
        int child = 0;
        while (_sketch.Processes.Contains(child))
            child++;
        return child;
    }

    /// <summary>The last process seldom exits: nothing happens after it.</summary>
    private void DrawExit(int process)
    {
        if (_sketch.Processes.Count <= 1 && !_choices.Chance(1, 40))
            return;
        // What it holds goes with it.
        if (_sketch.Handles.Count > 0 && _choices.Chance(1, 3))
            process = _sketch.Handles[_choices.Choose(_sketch.Handles.Count)].Process;
        Add(Operation.Exit(process));
        // What it was the last to hold can be freed now.
        if (!_sketch.UsesPmds || !_choices.Chance(1, 4))
            return;
        Add(Operation.ShrinkHugeZero());
        if (_sketch.Processes.Count == 0 || !_choices.Chance(1, 2))
            return;
        // And somebody else wants it again.
        int other = _sketch.Processes[_choices.Choose(_sketch.Processes.Count)];
        (long start, long length) = MapFreshBlocks(other);
        Load(other, start, length);
    }
}
