using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>mremap to an address that the caller names: mremap_to, move_vma, move_page_tables (SPECIFICATION.md 12.1, 17.13).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome MoveTo(Process process, in Operation operation)
    {
        if (operation.Length == operation.NewLength)
        {
            MovePieces(process, operation);
            return Outcome.Ok;
        }
        Unmap(process, operation.NewAddress, operation.NewAddress + operation.NewLength);
        UnmapTail(process, operation);
        // The source is still there, for the destination does not overlap it, but its VMA may be another one.
        Vma vma = process.Vmas.Find(operation.Address)!;
        long length = Math.Min(operation.Length, operation.NewLength);
        if (length > vma.End - operation.Address)
            return Outcome.Error(Errno.EFAULT);
        if (!MayCommit(vma, operation.NewLength - length))
            return Outcome.Error(Errno.ENOMEM);
        Move(process, operation.Address, length, operation.NewAddress, operation.NewLength);
        Unmap(process, operation.Address, operation.Address + length);
        return Outcome.Ok;
    }

    /// <summary>remap_move: the pieces of the range one by one. What is mapped where a hole would go survives.</summary>
    private void MovePieces(Process process, in Operation operation)
    {
        bool keep = (operation.MremapFlags & MremapFlags.DontUnmap) != 0;
        long distance = operation.NewAddress - operation.Address;
        long end = operation.Address + operation.Length;
        long from = operation.Address;
        while (from < end && process.Vmas.At(process.Vmas.IndexEndingAfter(from)) is { } vma && vma.Start < end)
        {
            from = Math.Max(from, vma.Start);
            long stop = Math.Min(end, vma.End);
            Unmap(process, from + distance, stop + distance);
            Move(process, from, stop - from, from + distance, stop - from);
            if (keep)
                ForgetAnonVma(process, from, stop);
            else
                Unmap(process, from, stop);
            from = stop;
        }
    }

    /// <summary>
    /// copy_vma and move_page_tables: from a range within one VMA to one that is free. The old VMA stays behind, empty in that
    /// range.
    /// </summary>
    private void Move(Process process, long from, long length, long to, long newLength)
    {
        Vmas vmas = process.Vmas;
        Vma source = vmas.Find(from)!;
        // Memory that was never faulted in counts from its new place; the rest goes on counting as before.
        long offset = source.AnonVma is null ? 0 : source.Offset + from - to;
        Vma copy = vmas.Add(to, to + newLength, source.Protection, source.Flags, offset);
        AnonVmas.Share(source, copy);
        vmas.MergeAround(copy);
        MoveEntries(process, from, from + length, to);
    }

    /// <summary>dontunmap_complete: an old VMA that is empty as a whole could be faulted in anew.</summary>
    private void ForgetAnonVma(Process process, long from, long end)
    {
        Vma rest = process.Vmas.Find(from)!;
        if (rest.Start == from && rest.End == end)
            _anonVmas.Unlink(rest);
    }

    /// <summary>move_page_tables, as far at a time as one leaf table goes on both sides.</summary>
    private void MoveEntries(Process process, long from, long end, long to)
    {
        PageTable table = process.Table;
        long page = table.NextWithTable(from);
        while (page < end)
        {
            long target = page - from + to;
            int count = (int)Math.Min(end - page, Math.Min(table.EntriesFrom(page), table.EntriesFrom(target)));
            MoveRun(process, page, target, count);
            page = table.NextWithTable(page + count);
        }
        table.ReleaseEmpty(from, end);
        FlushIfNeeded(process);
    }

    private void MoveRun(Process process, long page, long target, int count)
    {
        PageTable table = process.Table;
        LeafTable leaf = table.Find(page)!;
        int first = table.EntryOf(page);
        int index = leaf.Present.NextSet(first, first + count);
        if (index == first + count)
            return;
        _flushNeeded = true;
        while (index < first + count)
        {
            int frame = leaf.Frames[index];
            Emit(EventKind.PteCleared, process, page + index - first, frame, 1);
            Emit(EventKind.PteWritten, process, target + index - first, frame, 1);
            index = leaf.Present.NextSet(index + 1, first + count);
        }
        leaf.MoveTo(table.FindOrCreate(target), first, table.EntryOf(target), count);
    }
}
