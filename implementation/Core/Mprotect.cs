using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>mprotect: VMA by VMA, first the VMA, then its entries (SPECIFICATION.md 12.2, 17.12, 17.15).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome Mprotect(Process process, long address, long length, Protection protection)
    {
        if (!IsRange(address, length))
            return Outcome.Error(Errno.EINVAL);
        if (length >= Machine.LengthWrapsPages)
            return Outcome.Error(Errno.ENOMEM);
        long end = address + length;
        long from = address;
        while (from < end)
        {
            Vma? vma = process.Vmas.Find(from);
            if (vma is null)
                return Outcome.Error(Errno.ENOMEM);
            long stop = Math.Min(end, vma.End);
            if (!Protect(process, vma, from, stop, Known(protection)))
                return Outcome.Error(Errno.ENOMEM);
            from = stop;
        }
        return Outcome.Ok;
    }

    /// <summary>mprotect_fixup of a range within one VMA. Returns false when the commit limit forbids it.</summary>
    private bool Protect(Process process, Vma vma, long from, long end, Protection protection)
    {
        if (vma.Protection == protection)
            return true;
        VmaFlags flags = FlagsAfterProtect(vma, protection);
        bool charged = (flags & ~vma.Flags & VmaFlags.Account) != 0;
        if (charged && end - from >= Machine.CommitLimitPages)
            return false;
        bool letsStoresIn = !vma.MayWrite && (protection & Protection.Write) != 0;
        Vma piece = SplitOff(process, from, end);
        piece.Protection = protection;
        piece.Flags = flags;
        Vma merged = process.Vmas.MergeAround(piece, SoftDirtyOf.Piece);
        ChangeEntries(process, merged, from, end, UffdWpChange.None);
        if (letsStoresIn)
            PopulateIfLocked(process, from, end);
        return true;
    }

    /// <summary>Memory that becomes writable is accounted for; it stays so, unless nothing was ever written to it.</summary>
    private static VmaFlags FlagsAfterProtect(Vma vma, Protection protection)
    {
        if ((protection & Protection.Write) != 0)
            return vma.Flags | VmaFlags.Account;
        return vma.AnonVma is null ? vma.Flags & ~VmaFlags.Account : vma.Flags;
    }
}
