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
        // Holes are what a collapse has to fill.
        if (_choices.Chance(1, _sketch.Machine.Extensions != Extensions.None ? 3 : 5))
            Add(Operation.Madvise(process, first + _choices.Choose(table), _choices.Pick(1, 1, 2, table / 2), Advice.DontNeed));
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
