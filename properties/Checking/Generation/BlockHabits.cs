using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What is done to blocks that PMDs can map: collapsed, looked at, hinted, and what a collapse has to mind.</summary>
public sealed partial class ScenarioGenerator
{
    /// <summary>Memory that PMDs can map.</summary>
    private (long Start, long Length) DrawWholeBlocks(int area)
    {
        int table = _sketch.Machine.EntriesPerTable;
        return (4L * table * area, table * _choices.Pick(1, 2, 2, 3));
    }

    /// <summary>A load in each of the first blocks: each maps the huge zero page where it may.</summary>
    private void Load(int process, long start, long length)
    {
        int table = _sketch.Machine.EntriesPerTable;
        for (long page = start; page < start + Math.Min(length, 3L * table); page += table)
            Add(Operation.Read(process, page));
    }

    /// <summary>
    /// Much is done to one block for a while, then to another: what a call makes of a PMD mapping, or of the table that it left, was decided by the calls before.
    /// </summary>
    private void TurnToBlock(int process)
    {
        if (_block is long block && _sketch.Maps(process, block) && !_choices.Chance(1, 16))
            return;
        _block = _sketch.Machine.EntriesPerTable < 512 || _choices.Chance(1, 4) ? FindBlock(process) : null;
    }

    /// <summary>Whole blocks, mostly: what is not one is seldom more than refused.</summary>
    private void DrawCollapse(int process, long first)
    {
        int table = _sketch.Machine.EntriesPerTable;
        if (_choices.Chance(1, 2))
            Add(Operation.Write(process, first + _choices.Choose(table), NextToken()));
        if (_choices.Chance(1, (_sketch.Machine.Extensions & Extensions.AccessDetection) != 0 ? 2 : 20))
            DetectAndStore(process, first);
        if (_choices.Chance(1, 8))
            ProtectPage(process, first + _choices.Choose(table));
        if (_choices.Chance(1, 3))
            Add(Operation.Khugepaged(process, first + _choices.Choose(table)));
        else if (_choices.Chance(1, 8))
            Add(Operation.Madvise(process, first + 1, _choices.Pick(1, table, 2 * table), Advice.Collapse));
        else
            Add(Operation.Madvise(process, first, table * _choices.Pick(1, 1, 2, 3), Advice.Collapse));
    }

    /// <summary>An entry that a collapse has to mind, in memory that is watched for it alone.</summary>
    private void ProtectPage(int process, long page)
    {
        Add(Operation.UffdRegister(process, page, 1));
        Add(Operation.UffdWriteProtect(process, page, 1, protects: true));
    }

    /// <summary>What is accessed between a detection and a collapse is what the detection is for.</summary>
    private void DetectAndStore(int process, long first)
    {
        int table = _sketch.Machine.EntriesPerTable;
        Add(Operation.DetectAccess(process, first + _choices.Choose(table)));
        if (_choices.Chance(1, 2))
            Add(Operation.Write(process, first + _choices.Choose(table), NextToken()));
    }

    /// <summary>First page of a whole block, mapped throughout if there is one.</summary>
    private long DrawBlock(int process)
    {
        if (_block is long block && _choices.Chance(1, 2))
            return block;
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
        (long start, long length) = DrawRange(process);
        Add(Operation.NumaHint(process, start, length));
        if (_choices.Chance(1, 2))
            Add(_choices.Chance(1, 2) ? Operation.Read(process, DrawPage(process)) : Operation.Write(process, DrawPage(process), NextToken()));
    }

    private long BlockEdge(long page)
    {
        long size = 1L << _sketch.LargestOrder;
        long start = page / size * size;
        return _choices.Pick(start, start, start + size - 1, start + (size / 2));
    }

    /// <summary>The whole block, mostly; or two, or a part of it.</summary>
    private (long Start, long Length) DrawOfBlock(long block)
    {
        int table = _sketch.Machine.EntriesPerTable;
        int part = 1 + _choices.Choose(table - 1);
        return _choices.Choose(8) switch
        {
            0 => (block, part),
            1 => (block + part, table - part),
            2 => (block + part, 1),
            3 => (block, 2L * table),
            _ => (block, table),
        };
    }
}
