using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>mmap, munmap and exit.</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome Mmap(Process process, long address, long length, Protection protection)
    {
        if (!IsRange(address, length) || length == 0)
            return Outcome.Error(Errno.EINVAL);
        if (!FitsAddressSpace(address, length))
            return Outcome.Error(Errno.ENOMEM);
        bool writable = (protection & Protection.Write) != 0;
        if (writable && length >= Machine.CommitLimitPages)
        {
            // vms_gather_munmap_vmas has cut at both ends when the charge fails.
            SplitVmaAt(process, address);
            SplitVmaAt(process, address + length);
            return Outcome.Error(Errno.ENOMEM);
        }
        Unmap(process, address, address + length);
        VmaFlags flags = writable ? VmaFlags.Account : VmaFlags.None;
        if (_machine.SoftDirty)
            flags |= VmaFlags.SoftDirty;
        Vma vma = process.Vmas.Add(address, address + length, Known(protection), flags, offset: 0);
        process.Vmas.MergeAround(vma, SoftDirtyOf.Piece);
        return Outcome.Ok;
    }

    private Outcome Munmap(Process process, long address, long length)
    {
        if (!IsRange(address, length) || length == 0 || !FitsAddressSpace(address, length))
            return Outcome.Error(Errno.EINVAL);
        Unmap(process, address, address + length);
        return Outcome.Ok;
    }

    /// <summary>exit_mmap before exit_files: what the process holds besides its mappings goes last.</summary>
    private Outcome Exit(Process process)
    {
        Unmap(process, 0, Machine.AddressSpacePages);
        LetHugeZeroPageGo(process);
        DropAllHandles(process);
        _processes.Remove(process);
        return Outcome.Ok;
    }

    /// <summary>The rights that memory can have; what else a caller asks for is ignored.</summary>
    private static Protection Known(Protection protection) => protection & (Protection.Read | Protection.Write);

    /// <summary>do_vmi_munmap: split at both ends, zap VMA by VMA, drop the VMAs, and the leaf tables that only they needed.</summary>
    private void Unmap(Process process, long from, long end)
    {
        Vmas vmas = process.Vmas;
        SplitVmaAt(process, from);
        SplitVmaAt(process, end);
        for (int index = vmas.IndexEndingAfter(from); vmas.At(index) is { } vma && vma.Start < end; index++)
            Zap(process, vma, vma.Start, vma.End, keepGuards: false);
        FinishZap(process);
        vmas.RemoveRange(from, end);
        int next = vmas.IndexEndingAfter(from);
        process.Table.ReleaseEmpty(vmas.At(next - 1)?.End ?? 0, vmas.At(next)?.Start ?? long.MaxValue);
    }
}
