using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>mprotect (mprotect_fixup, change_pte_range; SPECIFICATION.md 12.2, 17.12).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome Mprotect(Process process, in Operation operation)
    {
        if (BadRange(operation))
            return Outcome.Error(Errno.EINVAL);
        if (operation.Length == 0)
            return Outcome.Ok;
        if (operation.Length >= Machine.LengthWrapsPages)
            return Outcome.Error(Errno.ENOMEM);

        long page = operation.Address;
        while (page < operation.End)
        {
            Vma? vma = process.FindVma(page);
            if (vma is null)
                return Outcome.Error(Errno.ENOMEM);
            long end = Math.Min(operation.End, vma.End);
            if (vma.Protection != operation.Protection && !Protect(process, vma, page, end, operation.Protection))
                return Outcome.Error(Errno.ENOMEM);
            page = end;
        }
        return Outcome.Ok;
    }

    /// <summary>Changes the rights of a piece of a VMA. False: it would exceed the commit limit.</summary>
    private bool Protect(Process process, Vma vma, long start, long end, Protection protection)
    {
        bool writable = (protection & Protection.Write) != 0;
        bool newlyAccounted = writable && (vma.Flags & VmaFlags.Account) == 0;
        if (newlyAccounted && end - start >= Machine.CommitLimitPages)
            return false;
        VmaFlags flags = vma.Flags;
        if (writable)
            flags |= VmaFlags.Account;
        else if (vma.AnonVma is null)
            flags &= ~VmaFlags.Account;
        Change(process, start, end, piece => piece with { Protection = protection, Flags = flags });

        ChangeEntries(process, process.FindVma(start)!, start, end, pte => pte);
        if (vma.IsLockedPresent && !vma.AllowsStores && writable)
            PopulateQuietly(process, start, end);
        return true;
    }
}
