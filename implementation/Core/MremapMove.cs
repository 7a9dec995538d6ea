using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>mremap to an address that the caller names: mremap_to and move_vma (SPECIFICATION.md 12.1, 17.13).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome MoveTo(Process process, in Operation operation)
    {
        if (operation.Length == operation.NewLength)
            return MovePieces(process, operation);
        Unmap(process, operation.NewAddress, operation.NewAddress + operation.NewLength);
        if (!UnmapTail(process, operation))
            return Outcome.Error(Errno.EINVAL);
        // The source is still there, for the destination does not overlap it, but its VMA may be another one.
        Vma vma = process.Vmas.Find(operation.Address)!;
        long length = Math.Min(operation.Length, operation.NewLength);
        if (!MayCommit(vma, operation.NewLength - length))
            return Outcome.Error(Errno.ENOMEM);
        Move(process, operation.Address, length, operation.NewAddress, operation.NewLength);
        Unmap(process, operation.Address, operation.Address + length);
        PopulateIfLocked(process, operation.NewAddress + length, operation.NewAddress + operation.NewLength);
        return Outcome.Ok;
    }

    /// <summary>
    /// remap_move: the pieces of the range one by one. What is mapped where a hole would go survives. Memory that is registered
    /// with userfaultfd moves only alone (vma_multi_allowed).
    /// </summary>
    private Outcome MovePieces(Process process, in Operation operation)
    {
        bool keep = (operation.MremapFlags & MremapFlags.DontUnmap) != 0;
        long distance = operation.NewAddress - operation.Address;
        long end = operation.Address + operation.Length;
        long from = operation.Address;
        while (process.Vmas.FirstWithin(from, end) is { } vma)
        {
            if (vma.HasUffdWp && (from != operation.Address || vma.End < end))
                return Outcome.Error(Errno.EFAULT);
            from = Math.Max(from, vma.Start);
            long stop = Math.Min(end, vma.End);
            Unmap(process, from + distance, stop + distance);
            Move(process, from, stop - from, from + distance, stop - from);
            if (keep)
                LeaveEmpty(process, from, stop);
            else
                Unmap(process, from, stop);
            from = stop;
        }
        return Outcome.Ok;
    }

    /// <summary>
    /// copy_vma and move_page_tables: from a range within one VMA to one that is free. The old VMA stays behind, empty in that
    /// range. userfaultfd does not learn of the new place, which is not registered (SPECIFICATION.md 17.17). By a quirk that is
    /// so only after the copy was joined with neighbours that are, and for them as well.
    /// </summary>
    private void Move(Process process, long from, long length, long to, long newLength)
    {
        Vmas vmas = process.Vmas;
        Vma source = vmas.Find(from)!;
        // Memory that was never faulted in counts from its new place; the rest goes on counting as before.
        long offset = source.AnonVma is null ? 0 : source.Offset + from - to;
        bool registered = source.HasUffdWp;
        bool late = (_machine.Quirks & Quirks.MoveDropsNeighboursUffd) != 0;
        Vma copy = vmas.Add(to, to + newLength, source.Protection, late ? source.Flags : source.Flags & ~VmaFlags.UffdWp, offset);
        AnonVmas.Share(source, copy);
        Vma merged = vmas.MergeAround(copy, SoftDirtyOf.Neighbour);
        if (registered)
            merged.Flags &= ~VmaFlags.UffdWp;
        MoveTables(process, from, from + length, to, keepUffdWp: !registered);
    }

    /// <summary>dontunmap_complete: the old VMA is not locked any more; if it is empty as a whole it could be faulted in anew.</summary>
    private void LeaveEmpty(Process process, long from, long end)
    {
        Vma rest = process.Vmas.Find(from)!;
        rest.Flags &= ~LockFlags;
        if (rest.Start == from && rest.End == end)
            _anonVmas.Unlink(rest);
    }
}
