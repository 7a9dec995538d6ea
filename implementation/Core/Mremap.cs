using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>mremap: which call is which mechanism, and what is wrong with its arguments (SPECIFICATION.md 12.1, 17.13).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private const MremapFlags KnownMremapFlags = MremapFlags.MayMove | MremapFlags.Fixed | MremapFlags.DontUnmap;

    private Outcome Mremap(Process process, in Operation operation)
    {
        if (!IsMremap(operation))
            return Outcome.Error(Errno.EINVAL);
        Vma? vma = process.Vmas.Find(operation.Address);
        if (vma is null)
            return Outcome.Error(Errno.EFAULT);
        if (operation.Length == 0)
            return Outcome.Error(Errno.EINVAL);
        bool grows = operation.NewLength > operation.Length;
        bool moves = (operation.MremapFlags & MremapFlags.Fixed) != 0;
        // A plain move goes VMA by VMA, and a tail may be cut off whatever it consists of.
        bool oneVma = grows || (moves && operation.NewLength < operation.Length);
        if (oneVma && Math.Min(operation.Length, operation.NewLength) > vma.End - operation.Address)
            return Outcome.Error(Errno.EFAULT);
        if (moves)
            return MoveTo(process, operation);
        if (grows)
            return GrowInPlace(process, vma, operation);
        return UnmapTail(process, operation) ? Outcome.Ok : Outcome.Error(Errno.EINVAL);
    }

    /// <summary>check_mremap_params. A destination of the kernel's choice is not modelled: DONTUNMAP needs FIXED here.</summary>
    private static bool IsMremap(in Operation operation)
    {
        MremapFlags flags = operation.MremapFlags;
        if ((flags & ~KnownMremapFlags) != 0 || !IsRange(operation.Address, operation.Length))
            return false;
        if (operation.NewLength is <= 0 or > Machine.AddressSpacePages)
            return false;
        if ((flags & (MremapFlags.Fixed | MremapFlags.DontUnmap)) == 0)
            return true;
        if ((flags & MremapFlags.MayMove) == 0 || (flags & MremapFlags.Fixed) == 0)
            return false;
        if ((flags & MremapFlags.DontUnmap) != 0 && operation.Length != operation.NewLength)
            return false;
        return operation.NewAddress >= 0 && FitsAddressSpace(operation.NewAddress, operation.NewLength) && !Overlaps(operation);
    }

    /// <summary>vrm_overlaps. Differences instead of ends: an end may be beyond what a number can hold.</summary>
    private static bool Overlaps(in Operation operation) =>
        operation.Address - operation.NewAddress < operation.NewLength
        && operation.NewAddress - operation.Address < operation.Length;

    /// <summary>shrink_vma: unmaps what a shorter range leaves over.</summary>
    private bool UnmapTail(Process process, in Operation operation)
    {
        if (operation.NewLength >= operation.Length)
            return true;
        if (!FitsAddressSpace(operation.Address, operation.Length))
            return false;
        Unmap(process, operation.Address + operation.NewLength, operation.Address + operation.Length);
        return true;
    }

    /// <summary>expand_vma_in_place. Moving to a place of the kernel's choice is not modelled: there is no other way to grow.</summary>
    private Outcome GrowInPlace(Process process, Vma vma, in Operation operation)
    {
        long end = operation.Address + operation.Length;
        bool fits = end == vma.End && FitsAddressSpace(operation.Address, operation.NewLength)
            && process.Vmas.FirstWithin(end, operation.Address + operation.NewLength) is null;
        if (!fits || !MayCommit(vma, operation.NewLength - operation.Length))
            return Outcome.Error(Errno.ENOMEM);
        process.Vmas.Resize(vma, operation.Address + operation.NewLength);
        process.Vmas.MergeRight(vma);
        PopulateIfLocked(process, end, operation.Address + operation.NewLength);
        return Outcome.Ok;
    }

    /// <summary>security_vm_enough_memory_mm for pages by which a VMA grows.</summary>
    private static bool MayCommit(Vma vma, long pages) =>
        (vma.Flags & VmaFlags.Account) == 0 || pages < Machine.CommitLimitPages;
}
