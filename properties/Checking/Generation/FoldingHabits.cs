using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What is done on arm64: blocks of entries that are folded into one translation are taken apart page by page, and put together again.</summary>
public sealed partial class ScenarioGenerator
{
    private void DrawFolding(int process)
    {
        (long start, int pages) = DrawFold(process);
        switch (_choices.Choose(9))
        {
            case 0 or 1:
                DrawRightsPageByPage(process, start, pages, stores: _choices.Chance(1, 2));
                break;
            case 2:
                DrawTrim(process, start, pages);
                break;
            case 3:
                DrawStoresAfterFork(process, start, pages);
                break;
            case 4 or 7 or 8:
                DrawAges(process, start, pages);
                break;
            case 5:
                DrawMoveOfFolds(process, start, pages);
                break;
            default:
                Add(Operation.WriteRange(process, start, pages, NextToken()));
                break;
        }
    }

    /// <summary>First page of a block and its pages; mostly one that lies in mapped memory.</summary>
    private (long Start, int Pages) DrawFold(int process)
    {
        int pages = _sketch.Machine.ContPteEntries;
        return (DrawPage(process) / pages * pages, pages);
    }

    /// <summary>A whole block, mostly, or a part of it.</summary>
    private long DrawPart(int pages) => _choices.Chance(1, 2) ? pages : 1 + _choices.Choose(pages);

    /// <summary>Protected page by page, then given back: the last page of the block decides whether it is folded again.</summary>
    private void DrawRightsPageByPage(int process, long start, int pages, bool stores)
    {
        if (stores)
            Add(Operation.WriteRange(process, start, pages, NextToken()));
        ProtectEach(process, start, pages, _choices.Pick(Protection.Read, Protection.Read, Protection.None), _choices.Chance(1, 2));
        if (_choices.Chance(1, 3))
            Walk(process, start, pages, stores: false);
        if (_choices.Chance(3, 4))
            ProtectEach(process, start, pages, Protection.Read | Protection.Write, _choices.Chance(1, 2));
    }

    private void ProtectEach(int process, long start, int pages, Protection protection, bool ascending)
    {
        for (int i = 0; i < pages; i++)
            Add(Operation.Mprotect(process, start + (ascending ? i : pages - 1 - i), 1, protection));
    }

    /// <summary>Single pages go, and come back as folios of their own.</summary>
    private void DrawTrim(int process, long start, int pages)
    {
        int gone = 1 + _choices.Choose(pages);
        bool ascending = _choices.Chance(1, 2);
        for (int i = 0; i < gone; i++)
            Add(Operation.Madvise(process, start + (ascending ? i : pages - 1 - i), 1, Advice.DontNeed));
        if (_choices.Chance(2, 3))
            Walk(process, start, pages, stores: _choices.Chance(1, 2));
    }

    /// <summary>Stores to a block that a fork shares copy it page by page; what the other process keeps stays folded.</summary>
    private void DrawStoresAfterFork(int process, long start, int pages)
    {
        Add(Operation.WriteRange(process, start, pages, NextToken()));
        int child = DrawChild();
        Add(Operation.Fork(process, child));
        if (_choices.Chance(1, 4))
            Add(Operation.Exit(child));
        Walk(_choices.Chance(1, 3) ? child : process, start, (int)DrawPart(pages), stores: true);
    }

    /// <summary>Nobody knows of an access any more, then maybe one descriptor does; then the others are used, or the block is taken apart. A folio that is not named as a whole would be split.</summary>
    private void DrawAges(int process, long start, int pages)
    {
        long folio = (long)pages << _choices.Choose(3);
        bool isWhole = _choices.Chance(3, 4);
        Operation age = Operation.Madvise(process, isWhole ? start / folio * folio : start, isWhole ? folio : DrawPart(pages), _choices.Pick(Advice.Free, Advice.Cold));
        Add(age);
        long page = start + _choices.Pick(0, pages - 1, _choices.Choose(pages));
        if (_choices.Chance(3, 4))
            Add(_choices.Chance(2, 3) ? Operation.Write(process, page, NextToken()) : Operation.Read(process, page));
        switch (_choices.Choose(12))
        {
            case 0 or 1:
                Add(age);
                break;
            case 2 or 3:
                DrawMoveOfFolds(process, start, pages);
                break;
            case 4 or 5:
                DrawForkOfAPart(process, start, pages);
                break;
            case 6 or 7:
                DrawRightsPageByPage(process, start, pages, stores: false);
                break;
            case 8:
                Add(Operation.Madvise(process, start, DrawPart(pages), Advice.DontNeed));
                break;
            default:
                Walk(process, start, pages, stores: _choices.Chance(1, 4));
                break;
        }
    }

    /// <summary>By whole blocks, which can stay folded, or by some pages, which cannot.</summary>
    private void DrawMoveOfFolds(int process, long start, int pages)
    {
        long far = 8L * _sketch.Machine.EntriesPerTable;
        long target = far + (pages * _choices.Choose(4)) + (_choices.Chance(1, 2) ? 0 : 1 + _choices.Choose(pages - 1));
        long length = _choices.Pick(pages, 2L * pages, DrawPart(pages));
        long from = start + _choices.Pick(0, 0, 0, 1);
        Add(Operation.Mremap(process, from, length, length, MremapFlags.MayMove | MremapFlags.Fixed, target));
        if (_choices.Chance(1, 2))
            Add(Operation.Mremap(process, target, length, length, MremapFlags.MayMove | MremapFlags.Fixed, from));
    }

    private void Walk(int process, long start, int pages, bool stores)
    {
        for (int i = 0; i < pages; i++)
            Add(stores ? Operation.Write(process, start + i, NextToken()) : Operation.Read(process, start + i));
    }
}
