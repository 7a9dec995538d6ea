using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// move_page_tables: what is mapped in a range gets other addresses, whole blocks with their tables, the rest entry by entry (SPECIFICATION.md 12.1, 17.13,
/// 17.22).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Moves what is mapped, as far at a time as one leaf table goes on both sides.</summary>
    private void MoveTables(Process process, long from, long end, long to, bool keepUffdWp)
    {
        PageTable table = process.Table;
        if (MayRealign(process, from, end, to))
        {
            to -= table.EntryOf(from);
            from -= table.EntryOf(from);
        }
        long page = table.NextWithTable(from);
        while (page < end)
        {
            long target = page - from + to;
            int count = (int)Math.Min(end - page, Math.Min(table.EntriesFrom(page), table.EntriesFrom(target)));
            MoveStep(process, page, target, count, keepUffdWp);
            page = table.NextWithTable(page + count);
        }
        FlushIfNeeded(process);
    }

    /// <summary>
    /// can_realign_addr: whether the block in which the range begins may move as a whole, because nothing else is in it on either side.
    /// </summary>
    private static bool MayRealign(Process process, long from, long end, long to)
    {
        PageTable table = process.Table;
        if (table.EntryOf(from) == 0 || table.EntryOf(from) != table.EntryOf(to) || end - from < table.EntriesFrom(from))
            return false;
        return BeginsBlock(process, from) && BeginsBlock(process, to);
    }

    /// <summary>can_align_down: whether a VMA begins at a page, and no other lies before it in the block.</summary>
    private static bool BeginsBlock(Process process, long page) =>
        process.Vmas.Find(page)!.Start == page && process.Vmas.FirstWithin(process.Table.BlockOf(page), page) is null;

    /// <summary>One step, which begins where a leaf table is.</summary>
    private void MoveStep(Process process, long page, long target, int count, bool keepUffdWp)
    {
        PageTable table = process.Table;
        bool whole = count == _machine.EntriesPerTable;
        if (table.PmdAt(page) is { } pmd)
        {
            if (whole)
            {
                MovePmd(process, page, target, pmd, keepUffdWp);
                return;
            }
            SplitPmd(process, process.Vmas.Find(page)!, table.BlockOf(page));
        }
        else if (whole && keepUffdWp)
        {
            // move_normal_pmd: nobody looks at the entries.
            table.MoveBlock(page, target);
            Emit(EventKind.Flushed, process, page, LeafTable.NoFrame, count);
            return;
        }
        MoveRun(process, page, target, count, keepUffdWp);
    }

    /// <summary>move_huge_pmd.</summary>
    private void MovePmd(Process process, long block, long target, PmdMapping pmd, bool keepUffdWp)
    {
        _flushNeeded = true;
        Emit(EventKind.PteCleared, process, block, pmd.Frame, _machine.EntriesPerTable);
        process.Table.MoveBlock(block, target);
        if (_machine.SoftDirty)
            pmd.Set(PteBits.SoftDirty);
        if (!keepUffdWp)
            pmd.Clear(PteBits.UffdWp);
        Emit(EventKind.PteWritten, process, target, pmd.Frame, _machine.EntriesPerTable);
    }

    /// <summary>move_ptes. The destination gets a leaf table, whether or not anything moves there.</summary>
    private void MoveRun(Process process, long page, long target, int count, bool keepUffdWp)
    {
        PageTable table = process.Table;
        LeafTable leaf = table.Find(page)!;
        LeafTable targetLeaf = table.FindOrCreate(target);
        int first = table.EntryOf(page);
        int end = first + count;
        bool moves = leaf.Present.Any(first, end);
        // Guard markers move without anybody noticing.
        if (!moves && !leaf.HoldsAny(first, end))
            return;
        _flushNeeded |= moves;
        int done = HasEvents || _hasContpte ? MoveBatches(process, leaf, targetLeaf, page, target, count, keepUffdWp) : 0;
        leaf.MoveTo(targetLeaf, first + done, table.EntryOf(target) + done, count - done, _machine.SoftDirty, keepUffdWp);
    }

    /// <summary>
    /// The accessors, batch by batch. Whether a block can be folded at the new place is seen in its entries, so that they go there at once then; otherwise they can
    /// wait for all to go together. Returns how many need not go any more.
    /// </summary>
    private int MoveBatches(Process process, LeafTable leaf, LeafTable targetLeaf, long page, long target, int count, bool keepUffdWp)
    {
        int first = process.Table.EntryOf(page);
        int targetFirst = process.Table.EntryOf(target);
        int end = first + count;
        int done = 0;
        for (int index = leaf.Present.NextSet(first, end); index < end; index = leaf.Present.NextSet(index, end))
        {
            int frame = leaf.Frames[index];
            int moving = ClearForMove(process, leaf, page - first, index, end);
            long targetPage = target + index - first;
            index += moving;
            if (_hasContpte)
            {
                leaf.SmearYoungAndDirty(index - moving, index);
                leaf.MoveTo(targetLeaf, first + done, targetFirst + done, index - first - done, _machine.SoftDirty, keepUffdWp);
                done = index - first;
            }
            SetPtes(process, targetLeaf, targetPage, moving);
            Emit(EventKind.PteWritten, process, targetPage, frame, moving);
        }
        return done;
    }

    /// <summary>mremap_folio_pte_batch and get_and_clear_ptes: one entry, unless it is folded with some behind it. Returns how many.</summary>
    private int ClearForMove(Process process, LeafTable leaf, long tablePage, int index, int end)
    {
        long page = tablePage + index;
        int count = 1;
        if (leaf.IsContiguous(index) && leaf.BlockOf(index + 1) == leaf.BlockOf(index))
            count = LookForBatch(process, new PageTable.LeafRange(leaf, null, tablePage, index, end), index, BatchCuts.Write);
        else
            EmitRead(process, leaf, page);
        ClearPtes(process, leaf, page, count);
        Emit(EventKind.PteCleared, process, page, leaf.Frames[index], count);
        return count;
    }
}
