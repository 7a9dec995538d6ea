using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>mremap (do_mremap, move_vma, move_ptes; SPECIFICATION.md 12.1, 17.13).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome Mremap(Process process, in Operation operation)
    {
        if (CheckMremap(operation) is Errno bad)
            return Outcome.Error(bad);
        Vma? first = process.FindVma(operation.Address);
        if (first is null)
            return Outcome.Error(Errno.EFAULT);
        if (operation.Length == 0)
            return Outcome.Error(Errno.EINVAL);
        bool moves = (operation.MremapFlags & MremapFlags.Fixed) != 0;
        if (moves && operation.NewLength == operation.Length)
            return MovePieces(process, operation);
        bool shrinksInPlace = !moves && operation.NewLength <= operation.Length;
        if (!shrinksInPlace && !first.Covers(operation.Address, operation.Address + Math.Min(operation.Length, operation.NewLength)))
            return Outcome.Error(Errno.EFAULT);
        return moves ? MoveAndResize(process, first, operation) : ResizeInPlace(process, first, operation);
    }

    /// <summary>check_mremap_params.</summary>
    private static Errno? CheckMremap(in Operation operation)
    {
        const MremapFlags Known = MremapFlags.MayMove | MremapFlags.Fixed | MremapFlags.DontUnmap;
        MremapFlags flags = operation.MremapFlags;
        if ((flags & ~Known) != 0 || BadRange(operation) || operation.NewLength <= 0 || operation.NewLength > Machine.AddressSpacePages)
            return Errno.EINVAL;
        bool dontUnmap = (flags & MremapFlags.DontUnmap) != 0;
        bool named = (flags & MremapFlags.Fixed) != 0;
        if (!named && !dontUnmap)
            return null;
        if ((flags & MremapFlags.MayMove) == 0 || dontUnmap && operation.Length != operation.NewLength)
            return Errno.EINVAL;
        if (operation.NewAddress < 0 || operation.NewAddress > Machine.AddressSpacePages - operation.NewLength)
            return Errno.EINVAL;
        // Subtractions cannot overflow here, additions could.
        bool overlap = operation.Address - operation.NewAddress < operation.NewLength
            && operation.NewAddress - operation.Address < operation.Length;
        // A place of the kernel's own choosing is not modelled.
        return overlap || !named ? Errno.EINVAL : null;
    }

    private Outcome ResizeInPlace(Process process, Vma vma, in Operation operation)
    {
        long oldEnd = operation.Address + Math.Min(operation.Length, Machine.AddressSpacePages);
        long newEnd = operation.Address + operation.NewLength;
        if (operation.NewLength < operation.Length && BeyondAddressSpace(operation))
            return Outcome.Error(Errno.EINVAL);
        if (newEnd < oldEnd)
            Unmap(process, newEnd, oldEnd);
        if (newEnd <= oldEnd)
            return Outcome.Ok;
        bool room = oldEnd == vma.End && newEnd <= Machine.AddressSpacePages && process.VmasIn(oldEnd, newEnd).Count == 0;
        bool overCommit = (vma.Flags & VmaFlags.Account) != 0 && newEnd - oldEnd >= Machine.CommitLimitPages;
        if (!room || overCommit)
            return Outcome.Error(Errno.ENOMEM);
        // vma_merge_extend: longer, and joined with what it touches now.
        process.Vmas.Remove(vma.Start);
        Vma longer = vma with { End = newEnd };
        Vma? right = process.Vmas.Values.FirstOrDefault(other => other.Start == newEnd);
        if (right is not null && MayJoin(longer, right))
        {
            process.Vmas.Remove(right.Start);
            longer = Join(longer, right) with { Flags = longer.Flags | StickyFlags(right) };
        }
        process.Vmas.Add(longer.Start, longer);
        PopulateGrowth(process, vma, oldEnd, newEnd);
        return Outcome.Ok;
    }

    /// <summary>remap_move: without a change of size every VMA of the range moves by itself; holes stay where they are.</summary>
    private Outcome MovePieces(Process process, in Operation operation)
    {
        long distance = operation.NewAddress - operation.Address;
        bool keep = (operation.MremapFlags & MremapFlags.DontUnmap) != 0;
        foreach (Vma vma in process.VmasIn(operation.Address, operation.End))
        {
            long start = Math.Max(operation.Address, vma.Start);
            long end = Math.Min(operation.End, vma.End);
            // vma_multi_allowed: somebody may have to be told of the move, so it is the only one.
            if (vma.IsUffdWp && (start != operation.Address || vma.End < operation.End))
                return Outcome.Error(Errno.EFAULT);
            Unmap(process, start + distance, end + distance);
            Move(process, start, end, start + distance, end - start, keep);
        }
        return Outcome.Ok;
    }

    /// <summary>mremap_to: the destination is lost first; only then is it known whether the rest can be done.</summary>
    private Outcome MoveAndResize(Process process, Vma vma, in Operation operation)
    {
        Unmap(process, operation.NewAddress, operation.NewAddress + operation.NewLength);
        long end = operation.Address + Math.Min(operation.Length, operation.NewLength);
        if (operation.NewLength < operation.Length && BeyondAddressSpace(operation))
            return Outcome.Error(Errno.EINVAL);
        if (operation.NewLength < operation.Length)
            Unmap(process, end, operation.Address + Math.Min(operation.Length, Machine.AddressSpacePages));
        long growth = operation.NewLength - operation.Length;
        if ((vma.Flags & VmaFlags.Account) != 0 && growth >= Machine.CommitLimitPages)
            return Outcome.Error(Errno.ENOMEM);
        Move(process, operation.Address, end, operation.NewAddress, operation.NewLength, keep: false);
        if (growth > 0)
            PopulateGrowth(process, vma, operation.NewAddress + operation.Length, operation.NewAddress + operation.NewLength);
        return Outcome.Ok;
    }

    /// <summary>move_vma: a copy of the VMA at the new place, then the entries, then the old range goes.</summary>
    private void Move(Process process, long start, long end, long target, long newLength, bool keep)
    {
        Vma vma = process.FindVma(start)!;
        bool faulted = vma.AnonVma is not null;
        long offset = faulted ? vma.Offset + (start - vma.Start) : target;
        Vma there = vma with { Start = target, End = target + newLength, Offset = offset };
        bool dropsLate = (_machine.Quirks & Quirks.MoveDropsNeighboursUffd) != 0;
        PutAndMerge(process, dropsLate ? there : Unregistered(there), SoftDirtyOf.Neighbour);
        Vma joined = process.FindVma(target)!;
        if (vma.IsUffdWp)
            process.Vmas[joined.Start] = Unregistered(joined);
        MoveEntries(process, vma, start, end, target - start);
        if (!keep)
            Unmap(process, start, end);
        else
            LeaveBehind(process, start, end);
    }

    /// <summary>mremap_userfaultfd_prep: nobody was told of the move, so nobody watches the new place.</summary>
    private static Vma Unregistered(Vma vma) => vma with { Flags = vma.Flags & ~VmaFlags.UffdWp };

    /// <summary>dontunmap_complete.</summary>
    private static void LeaveBehind(Process process, long start, long end)
    {
        Vma old = process.FindVma(start)!;
        Vma left = old with { Flags = old.Flags & ~LockFlags };
        bool whole = old.Start == start && old.End == end;
        process.Vmas[old.Start] = whole ? left with { AnonVma = null, Chain = [] } : left;
    }

    /// <summary>mm_populate: what was locked is locked at its new size too.</summary>
    private void PopulateGrowth(Process process, Vma vma, long start, long end)
    {
        if (vma.IsLockedPresent)
            PopulateQuietly(process, start, end);
    }
}
