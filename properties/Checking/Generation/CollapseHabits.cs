using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What is collapsed, and what a collapse has to mind: holes, references, markers, other blocks, frames that others took.</summary>
public sealed partial class ScenarioGenerator
{
    /// <summary>Whole blocks, mostly: what is not one is seldom more than refused.</summary>
    private void DrawCollapse(int process, long first)
    {
        if (_choices.Chance(1, 6))
        {
            DrawCollapseOfSeveral(process);
            return;
        }
        if ((_sketch.Machine.Extensions & Extensions.ReformByMigration) != 0 && _choices.Chance(1, 3))
        {
            DrawReform(process);
            return;
        }
        int table = _sketch.Machine.EntriesPerTable;
        if (_choices.Chance(1, 2))
            Add(Operation.Write(process, first + _choices.Choose(table), NextToken()));
        if (_choices.Chance(1, (_sketch.Machine.Extensions & Extensions.AccessDetection) != 0 ? 2 : 20))
            DetectAndStore(process, first);
        if (_choices.Chance(1, 8))
            ProtectPage(process, first + _choices.Choose(table));
        // Holes are what a collapse has to fill.
        bool hasHoles = _choices.Chance(1, _sketch.Machine.Extensions != Extensions.None ? 2 : 5);
        if (hasHoles)
            DrawHoles(process, first, DrawHoleCount(table));
        if (_choices.Chance(1, 10))
            Add(Operation.Madvise(process, first + _choices.Choose(table), _choices.Pick(1, 1, 2), Advice.GuardInstall));
        // And what nobody uses is not worth it.
        if (_choices.Chance(1, 12))
            Add(Operation.Madvise(process, first, table, Advice.Cold));
        if (_choices.Chance(hasHoles ? 2 : 1, hasHoles ? 4 : 3))
            Add(Operation.Khugepaged(process, first + _choices.Choose(table)));
        else if (_choices.Chance(1, 8))
            Add(Operation.Madvise(process, first + 1, _choices.Pick(1, table, 2 * table), Advice.Collapse));
        else
            Add(Operation.Madvise(process, first, table * _choices.Pick(1, 1, 2, 3), Advice.Collapse));
    }

    /// <summary>Several blocks, one of which is in the way: what it has decides whether those behind it are collapsed.</summary>
    private void DrawCollapseOfSeveral(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        (long first, long length) = FindSeveralBlocks(process);
        long other = first + _choices.Pick(0, 0, table);
        switch (_choices.Choose(5))
        {
            case 0 or 1:
                Add(Operation.Madvise(process, other, table, Advice.DontNeed));
                break;
            case 2:
                DrawHold(process, Kind.Get, other + _choices.Choose(table), 1);
                break;
            case 3:
                Add(Operation.Madvise(process, other + _choices.Choose(table), 1, Advice.GuardInstall));
                break;
            default:
                ProtectPage(process, other + _choices.Choose(table));
                break;
        }
        Add(Operation.Madvise(process, first, length, Advice.Collapse));
    }

    /// <summary>A block of small folios that stand in order, but for some whose frames others took.</summary>
    private void DrawReform(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        long first = DrawWholeBlocks(_choices.Choose(5)).Start;
        long other = first + (2L * table);
        Add(Operation.Mmap(process, first, 3L * table));
        Add(Operation.Madvise(process, first, 3L * table, Advice.NoHugePage));
        Add(Operation.WriteRange(process, first, table, NextToken()));
        for (int gone = _choices.Choose(4); gone > 0; gone--)
            Add(Operation.Madvise(process, first + _choices.Choose(table), 1, Advice.DontNeed));
        // The lowest free frames are taken first: those that have just become free.
        for (int taken = _choices.Choose(3); taken > 0; taken--)
            Add(Operation.Write(process, _choices.Chance(3, 4) ? other + taken : first + _choices.Choose(table), NextToken()));
        if (_choices.Chance(1, 4))
            Add(_choices.Chance(1, 2) ? Operation.Fork(process, DrawChild()) : Operation.Mlock(process, other, 2));
        // In a VMA of its own, now and then.
        if (_choices.Chance(1, 4))
            Add(Operation.Madvise(process, first, table, Advice.DontFork));
        Add(Operation.Madvise(process, first, table, Advice.HugePage));
        Add(Operation.Madvise(process, first, table, Advice.Collapse));
    }

    /// <summary>Two blocks in use, or three, one behind the other.</summary>
    private (long Start, long Length) FindSeveralBlocks(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        List<(long First, long Count)> areas = _sketch.BlocksOf(process).FindAll(area => area.Count > 1);
        if (areas.Count > 0)
        {
            (long first, long count) = areas[_choices.Choose(areas.Count)];
            return (first, table * Math.Min(count, 2 + _choices.Choose(2)));
        }
        long start = DrawWholeBlocks(_choices.Choose(5)).Start;
        Add(Operation.Mmap(process, start, 2L * table));
        Add(Operation.WriteRange(process, start, 2L * table, NextToken()));
        return (start, 2L * table);
    }

    /// <summary>Few, or half a block, or as many as khugepaged may fill, or one more.</summary>
    private int DrawHoleCount(int table) => _choices.Pick(1, 1, 2, table / 2, Math.Min(table, _sketch.Machine.MaxPtesNone + _choices.Choose(2)));

    /// <summary>Pages of a block go, and some are loaded again: a zero page is nearly a hole.</summary>
    private void DrawHoles(int process, long first, int pages)
    {
        long page = first + _choices.Choose(_sketch.Machine.EntriesPerTable - pages + 1);
        Add(Operation.Madvise(process, page, pages, Advice.DontNeed));
        if (_choices.Chance(1, 2))
            Add(Operation.Madvise(process, page, _choices.Pick(pages, 1 + _choices.Choose(pages)), Advice.PopulateRead));
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
}
