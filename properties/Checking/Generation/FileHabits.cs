using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What is done with the machine's file, where it has one: it is mapped here and there, by several processes, and touched page by page.</summary>
public sealed partial class ScenarioGenerator
{
    /// <summary>Pages touched by one walk, at most.</summary>
    private const int LongestWalk = 40;

    /// <summary>Tables from the start of the address space to where the file is mapped: beyond what else is mapped, mostly.</summary>
    private const long FileTables = 64;

    private void DrawMmapFile(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        int file = _sketch.Machine.FilePages;
        int folio = 1 << _sketch.Machine.FileOrder;
        long offset = _choices.Choose(6) switch
        {
            0 or 1 => 0,
            2 => _choices.Choose(file / folio) * (long)folio,
            3 => _choices.Choose(file),
            4 => Math.Max(0, file - _choices.Pick(1, 2, folio)),
            _ => _choices.Choose(file) / 2 * 2L,
        };
        // A little beyond the end of the file, now and then.
        long length = _choices.Choose(5) switch
        {
            0 => file - offset + _choices.Pick(1, 3),
            1 => 1 + _choices.Choose(2 * folio),
            2 => folio,
            _ => Math.Max(1, file - offset),
        };
        long start = ((FileTables + (2L * _choices.Choose(3))) * table) + _choices.Choose(5) switch
        {
            0 or 1 => offset % table,
            2 => table - _choices.Pick(1, 2, 4),
            3 => _choices.Choose(table),
            _ => 0,
        };
        // Over memory of another kind, or beside it.
        if (_choices.Chance(1, 12))
            start = DrawPage(process);
        Protection protection = _choices.Chance(1, 5) ? Protection.Read : Protection.Read | Protection.Write;
        if (_choices.Chance(1, 20))
            (length, offset) = _choices.Chance(1, 2) ? (0, offset) : (length, Machine.LengthWrapsPages + _choices.Choose(2));
        Add(Operation.MmapFile(process, start, length, offset, protection));
        // The rest of the file beside it is the same mapping.
        if (_choices.Chance(1, 8))
            Add(Operation.MmapFile(process, start + length, folio, offset + length, protection));
        if (_choices.Chance(2, 3))
            DrawFileWalk(process);
    }

    private void DrawFileUse(int process)
    {
        if (_sketch.FilesOf(process).Count == 0)
        {
            DrawMmapFile(process);
            return;
        }
        switch (_choices.Choose(13))
        {
            case 0:
                DrawFork(process);
                break;
            case 1:
                (long start, long length) = DrawFileRange(process);
                Add(Operation.Madvise(process, start, length, Advice.DontNeed));
                break;
            case 2:
                (start, length) = DrawFileRange(process);
                Add(Operation.Munmap(process, start, Math.Min(length, _choices.Pick(1, 2, 8))));
                break;
            case 3 or 4:
                (start, length) = DrawFileRange(process);
                Add(Operation.WriteRange(process, start, length, NextToken()));
                break;
            // What the models do not have on a file: seldom, and they must both say so.
            case 5 when _choices.Chance(1, 6):
                (start, length) = DrawFileRange(process);
                Add(Operation.Mprotect(process, start, length, Protection.Read));
                break;
            case 6:
                DrawStoreToLoaded(process);
                break;
            default:
                DrawFileWalk(process);
                break;
        }
    }

    /// <summary>A store to a page that a load has mapped writable tells nobody: only its entry knows, and takes it along when it goes.</summary>
    private void DrawStoreToLoaded(int process)
    {
        (long start, long length) = DrawFileRange(process);
        length = Math.Min(length, _choices.Pick(1, 2, 8));
        Add(Operation.Madvise(process, start, length, Advice.DontNeed));
        Add(Operation.Read(process, start));
        Add(Operation.Write(process, start + _choices.Choose((int)length), NextToken()));
        Add(_choices.Chance(1, 2) ? Operation.Madvise(process, start, length, Advice.DontNeed) : Operation.Munmap(process, start, length));
    }

    /// <summary>Page by page, up or down, or here and there; loads, stores, or both.</summary>
    private void DrawFileWalk(int process)
    {
        if (_sketch.FilesOf(process).Count == 0)
            return;
        (long start, long length) = DrawFileRange(process);
        int pages = (int)Math.Min(length, _choices.Pick(1, 4, 16, LongestWalk));
        int order = _choices.Choose(3);
        int stores = _choices.Choose(3);
        for (int i = 0; i < pages; i++)
        {
            long page = start + order switch
            {
                0 => i,
                1 => pages - 1 - i,
                _ => _choices.Choose((int)Math.Min(length, int.MaxValue)),
            };
            bool store = stores == 2 ? _choices.Chance(1, 2) : stores == 1;
            Add(store ? Operation.Write(process, page, NextToken()) : Operation.Read(process, page));
        }
    }

    /// <summary>One of the mappings of the file, whole or from some page on.</summary>
    private (long Start, long Length) DrawFileRange(int process)
    {
        IReadOnlyList<(long Start, long End)> files = _sketch.FilesOf(process);
        (long start, long end) = files[_choices.Choose(files.Count)];
        if (_choices.Chance(1, 2))
            start += _choices.Choose((int)Math.Min(int.MaxValue, end - start));
        return (start, end - start);
    }
}
