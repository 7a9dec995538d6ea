using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Entries, tables and PMD mappings moved to another place (move_page_tables, move_ptes; SPECIFICATION.md 12.1, 17.13, 17.22).</summary>
public sealed partial class ReferenceMemory
{
    private void MoveEntries(Process process, Vma vma, long start, long end, long distance)
    {
        int size = _machine.EntriesPerTable;
        bool cleared = false;
        long page = BeginsWithItsTable(process, vma, start, end, distance) ? BlockStart(start, _machine.PmdOrder) : start;
        while (page < end)
        {
            long next = Math.Min(end, Math.Min(NextTable(page), NextTable(page + distance) - distance));
            cleared |= next - page == size ? MoveBlock(process, vma, page, distance) : MovePart(process, vma, page, next, distance);
            page = next;
        }
        if (cleared)
            Emit(EventKind.Flushed, process, 0, -1, 0);
    }

    private long NextTable(long page) => (BlockOf(page) + 1) * _machine.EntriesPerTable;

    /// <summary>try_realign_addr: nothing else lies before the range in its table, here or there, so that the table can move as it is.</summary>
    private bool BeginsWithItsTable(Process process, Vma vma, long start, long end, long distance)
    {
        int size = _machine.EntriesPerTable;
        long before = start % size;
        long target = start + distance;
        return before != 0 && before == target % size && end - start >= size - before
            && vma.Start == start && process.FindVma(target)!.Start == target
            && process.VmasIn(start - before, start).Count == 0 && process.VmasIn(target - before, target).Count == 0;
    }

    /// <summary>Both ends are whole blocks. Returns whether entries were cleared.</summary>
    private bool MoveBlock(Process process, Vma vma, long first, long distance)
    {
        bool isPmd = process.PageTable.TryGet(first, out Pte pte) && pte.Pmd;
        if (!process.Tables.Contains(BlockOf(first)))
            return false;
        if (!isPmd && vma.IsUffdWp)
            return MovePart(process, vma, first, NextTable(first), distance);
        process.Tables.Remove(BlockOf(first));
        process.Tables.Add(BlockOf(first + distance));
        process.PageTable.MoveTable(first, distance);
        if (isPmd)
            process.PageTable.ChangePmd(first + distance, entry => Moved(vma, entry));
        MoveGuards(process, first, NextTable(first), distance);
        if (!isPmd)
        {
            Emit(EventKind.Flushed, process, first, -1, _machine.EntriesPerTable);
            return false;
        }
        Emit(EventKind.PteCleared, process, first, FrameOf(pte), _machine.EntriesPerTable);
        Emit(EventKind.PteWritten, process, first + distance, FrameOf(pte), _machine.EntriesPerTable);
        return true;
    }

    /// <summary>move_ptes. Returns whether entries were cleared.</summary>
    private bool MovePart(Process process, Vma vma, long start, long end, long distance)
    {
        if (process.PageTable.TryGet(start, out Pte first) && first.Pmd)
            SplitPmd(process, vma, start);
        if (!process.Tables.Contains(BlockOf(start)))
            return false;
        process.Tables.Add(BlockOf(start + distance));
        bool cleared = false;
        while (process.FirstPresent(start, end) is long page)
        {
            Batch batch = BatchToMove(process, page, end);
            Pte pte = process.PageTable.Clear(page, batch.Count);
            Emit(EventKind.PteCleared, process, page, FrameOf(pte), batch.Count);
            process.PageTable.Set(page + distance, Moved(vma, pte), batch.Count);
            Emit(EventKind.PteWritten, process, page + distance, FrameOf(pte), batch.Count);
            cleared = true;
        }
        MoveGuards(process, start, end, distance);
        return cleared;
    }

    /// <summary>mremap_folio_pte_batch: several at a time only where that is known to be cheap.</summary>
    private Batch BatchToMove(Process process, long page, long end)
    {
        Pte first = process.PageTable[page];
        bool single = _machine.Batches == BatchPolicy.Singles || !first.Contiguous || page % _machine.ContPteEntries == _machine.ContPteEntries - 1;
        Batch batch = WholeBatch(process, page, end, Respect.Write);
        TellReads(process, batch, end, single);
        return single ? batch with { Count = 1 } : batch;
    }

    private static void MoveGuards(Process process, long start, long end, long distance)
    {
        List<long> guards = [.. process.GuardsIn(start, end)];
        GuardRemove(process, start, end);
        process.GuardMarkers.UnionWith(guards.Select(page => page + distance));
    }

    /// <summary>Nobody was told of the move, so nobody is watching; whoever asks what was written must look at it again.</summary>
    private Pte Moved(Vma vma, Pte pte) => pte with { UffdWp = pte.UffdWp && !vma.IsUffdWp, SoftDirty = _machine.SoftDirty };
}
