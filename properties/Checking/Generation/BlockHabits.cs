using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What is done to blocks that PMDs can map: filled, emptied, split, hinted.</summary>
public sealed partial class ScenarioGenerator
{
    /// <summary>Memory that PMDs can map.</summary>
    private (long Start, long Length) DrawWholeBlocks(int area)
    {
        int table = _sketch.Machine.EntriesPerTable;
        return (4L * table * area, table * _choices.Pick(1, 2, 2, 3));
    }

    /// <summary>Maps such memory anew: nothing is in its blocks.</summary>
    private (long Start, long Length) MapFreshBlocks(int process)
    {
        (long start, long length) = DrawWholeBlocks(_choices.Choose(5));
        Add(Operation.Mmap(process, start, length));
        Add(Operation.Madvise(process, start, length, Advice.HugePage));
        return (start, length);
    }

    /// <summary>A load in each of the first blocks: each maps the huge zero page where it may.</summary>
    private void Load(int process, long start, long length)
    {
        int table = _sketch.Machine.EntriesPerTable;
        for (long page = start; page < start + Math.Min(length, 3L * table); page += table)
            Add(Operation.Read(process, page));
    }

    /// <summary>
    /// Much is done to one place for a while, then to another: what a call makes of a PMD mapping, of the table that it left, or of a folio, was decided by the calls before.
    /// </summary>
    private void TurnToFocus(int process)
    {
        if (_focus is (long start, _) && _sketch.Maps(process, start) && !_choices.Chance(1, _isSteady ? 40 : 16))
            return;
        _focus = null;
        _focus = FindFocus(process);
    }

    /// <summary>A block that a PMD can map; in steady cases also one that the largest folio fills.</summary>
    private (long Start, int Pages)? FindFocus(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        if (_isSteady && _sketch.LargestOrder > 0 && _choices.Chance(1, 2))
        {
            int folio = 1 << _sketch.LargestOrder;
            return (DrawPage(process) / folio * folio, folio);
        }
        return (table < 512 || _choices.Chance(1, 4)) && FindBlock(process) is long block ? (block, table) : null;
    }

    /// <summary>A block that was emptied keeps its table: what fills it again is no PMD mapping.</summary>
    private void DrawRefill(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        long first = DrawBlock(process);
        if (_choices.Chance(1, 2))
            Add(Operation.Madvise(process, first + _choices.Choose(table), 1, Advice.DontNeed));
        Add(Operation.Madvise(process, first, table, Advice.DontNeed));
        long page = first + _choices.Choose(table);
        Add(_choices.Chance(3, 4) ? Operation.Write(process, page, NextToken()) : Operation.Read(process, page));
    }

    private void DrawShrink(int process)
    {
        if (!_choices.Chance(1, 3))
        {
            Add(Operation.ShrinkDeferred(_choices.Pick(1, 1, 2, 5, 100)));
            return;
        }
        if (_sketch.UsesPmds && _choices.Chance(1, 2))
            DrawHugeZeroPage(process);
        Add(Operation.ShrinkHugeZero());
    }

    /// <summary>Who maps the huge zero page holds it until its last mapping is gone, and a child that inherits a mapping holds it, too.</summary>
    private void DrawHugeZeroPage(int process)
    {
        (long start, long length) = MapFreshBlocks(process);
        Load(process, start, length);
        switch (_choices.Choose(4))
        {
            case 0 or 1:
                int child = DrawChild();
                Add(Operation.Fork(process, child));
                Add(Operation.Exit(_choices.Chance(2, 3) ? process : child));
                break;
            case 2:
                Add(Operation.Write(process, start + _choices.Choose((int)length), NextToken()));
                break;
            default:
                Add(Operation.Madvise(process, start, _sketch.Machine.EntriesPerTable, Advice.DontNeed));
                break;
        }
    }

    /// <summary>Pieces of a folio are split again, and found by what they remember of where they are.</summary>
    private void DrawSplitFolio(int process)
    {
        long page = DrawPage(process);
        Add(Operation.SplitFolio(process, page, DrawSplitOrder()));
        if (_choices.Chance(1, 3))
            Add(Operation.SplitFolio(process, DrawNear(page), DrawSplitOrder()));
    }

    private int DrawSplitOrder() => _choices.Chance(1, 2) ? 0 : _choices.Choose(_sketch.Machine.PmdOrder + 1) - (_choices.Chance(1, 20) ? 1 : 0);

    /// <summary>A page in the same block.</summary>
    private long DrawNear(long page)
    {
        int table = _sketch.Machine.EntriesPerTable;
        return (page / table * table) + _choices.Choose(table);
    }

    /// <summary>First page of a whole block, mapped throughout if there is one.</summary>
    private long DrawBlock(int process)
    {
        if (_focus is (long start, int pages) && pages == _sketch.Machine.EntriesPerTable && _choices.Chance(_isSteady ? 3 : 2, 4))
            return start;
        return FindBlock(process) ?? DrawPage(process) / _sketch.Machine.EntriesPerTable * _sketch.Machine.EntriesPerTable;
    }

    /// <summary>First page of some block that is mapped throughout; null if there is none.</summary>
    private long? FindBlock(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        List<(long First, long Count)> areas = _sketch.BlocksOf(process);
        if (areas.Count == 0)
            return null;
        (long first, long count) = areas[_choices.Choose(areas.Count)];
        return first + (table * _choices.Choose((int)Math.Min(count, 8)));
    }

    private void DrawNumaHint(int process)
    {
        if (_sketch.UsesPmds && (_sketch.Machine.Extensions & Extensions.LazyZeroing) != 0 && _choices.Chance(1, 2))
        {
            DrawAccessToAll(process);
            return;
        }
        (long start, long length) = DrawRange(process);
        if (_choices.Chance(1, 6))
            Age(process, start);
        Add(Operation.NumaHint(process, start, length));
        if (_choices.Chance(1, 6))
            Add(Operation.Fork(process, DrawChild()));
        if (_choices.Chance(1, 2))
            Add(_choices.Chance(1, 2) ? Operation.Read(process, DrawPage(process)) : Operation.Write(process, DrawPage(process), NextToken()));
    }

    /// <summary>The last access to a block that is filled lazily maps it by a PMD, if nothing happened to a part of it.</summary>
    private void DrawAccessToAll(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        long block = MapFreshBlocks(process).Start;
        Add(Operation.Write(process, block + _choices.Choose(table), NextToken()));
        int part = 1 + _choices.Choose(table - 1);
        switch (_choices.Choose(6))
        {
            case 0:
                Add(Operation.Madvise(process, block + part, table - part, Advice.DontFork));
                break;
            case 1:
                Add(Operation.Mprotect(process, block, part, Protection.Read));
                break;
            case 2:
                Add(Operation.Madvise(process, block + part, 1, Advice.DontNeed));
                break;
        }
        Add(_choices.Chance(1, 2) ? Operation.WriteRange(process, block, table, NextToken()) : Operation.Madvise(process, block, table, Advice.PopulateRead));
    }

    private long BlockEdge(long page)
    {
        long size = 1L << _sketch.LargestOrder;
        long start = page / size * size;
        return _choices.Pick(start, start, start + size - 1, start + (size / 2));
    }

    /// <summary>All of it, mostly; or twice as much, or a part of it.</summary>
    private (long Start, long Length) DrawOfFocus(long start, int pages)
    {
        int part = 1 + _choices.Choose(pages - 1);
        return _choices.Choose(8) switch
        {
            0 => (start, part),
            1 => (start + part, pages - part),
            2 => (start + part, 1),
            3 => (start, 2L * pages),
            _ => (start, pages),
        };
    }
}
