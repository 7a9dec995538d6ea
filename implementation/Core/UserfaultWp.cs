using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// userfaultfd in write-protect mode: registration of VMAs, protection of entries (SPECIFICATION.md 12.3, 17.17). Who stores
/// through a protected entry learns it from <see cref="FaultResult.WriteProtected"/>.
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome UffdRegister(Process process, long address, long length)
    {
        if (!IsUffdRange(address, length) || process.Vmas.FirstWithin(address, address + length) is null)
            return Outcome.Error(Errno.EINVAL);
        long end = address + length;
        long from = address;
        while (process.Vmas.FirstWithin(from, end) is { } vma)
        {
            from = Math.Max(from, vma.Start);
            long stop = Math.Min(end, vma.End);
            if (!vma.HasUffdWp)
                SetRegistered(process, from, stop, registered: true);
            from = stop;
        }
        return Outcome.Ok;
    }

    private Outcome UffdUnregister(Process process, long address, long length)
    {
        if (!IsUffdRange(address, length) || process.Vmas.FirstWithin(address, address + length) is null)
            return Outcome.Error(Errno.EINVAL);
        long end = address + length;
        long from = address;
        while (process.Vmas.FirstWithin(from, end) is { } vma)
        {
            from = Math.Max(from, vma.Start);
            long stop = Math.Min(end, vma.End);
            if (vma.HasUffdWp)
            {
                ChangeEntries(process, vma, from, stop, UffdWpChange.Resolve);
                SetRegistered(process, from, stop, registered: false);
            }
            from = stop;
        }
        return Outcome.Ok;
    }

    /// <summary>mwriteprotect_range.</summary>
    private Outcome UffdWriteProtect(Process process, long address, long length, bool protects)
    {
        if (!IsUffdRange(address, length))
            return Outcome.Error(Errno.EINVAL);
        long end = address + length;
        long from = address;
        bool found = false;
        while (process.Vmas.FirstWithin(from, end) is { } vma)
        {
            if (!vma.HasUffdWp)
                return Outcome.Error(Errno.ENOENT);
            found = true;
            long stop = Math.Min(end, vma.End);
            ChangeEntries(process, vma, Math.Max(from, vma.Start), stop, protects ? UffdWpChange.Protect : UffdWpChange.Resolve);
            from = stop;
        }
        return found ? Outcome.Ok : Outcome.Error(Errno.ENOENT);
    }

    /// <summary>validate_range.</summary>
    private static bool IsUffdRange(long address, long length) =>
        address >= 0 && length > 0 && FitsAddressSpace(address, length);

    /// <summary>vma_modify_flags_uffd.</summary>
    private void SetRegistered(Process process, long from, long end, bool registered)
    {
        Vma piece = SplitOff(process, from, end);
        piece.Flags = registered ? piece.Flags | VmaFlags.UffdWp : piece.Flags & ~VmaFlags.UffdWp;
        process.Vmas.MergeAround(piece, SoftDirtyOf.Neighbour);
    }
}
