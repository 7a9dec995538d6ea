using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// Access whatever the rights are, as a debugger has it (access_remote_vm with FOLL_FORCE; SPECIFICATION.md 17.20). Sharing is broken as by a store of
/// the process itself: the right that is missing is never the reason to write to somebody else's page.
/// </summary>
public sealed partial class ReferenceMemory
{
    private Outcome ForceRead(Process process, long page)
    {
        Vma? vma = process.FindVma(page);
        if (vma is null)
            return Outcome.Error(Errno.EIO);
        if (!process.PageTable.Holds(page) && ReadFault(process, vma, page) != Fault.Handled)
            return Outcome.Error(Errno.EIO);
        return Outcome.Token(TokenAt(process, page));
    }

    private Outcome ForceWrite(Process process, long page, int token)
    {
        Vma? vma = process.FindVma(page);
        if (vma is null)
            return Outcome.Error(Errno.EIO);
        // A fault that brings a new page, without the write bit, does not say that it is written to; where that is tracked another one does.
        while (!CanForceWrite(process, vma, page))
        {
            if (RestoreHinted(process, vma, page))
                continue;
            switch (WriteFault(process, vma, page))
            {
                case Fault.OutOfMemory:
                    return Outcome.OutOfMemory(0);
                case Fault.SegmentationFault or Fault.BusError:
                    return Outcome.Error(Errno.EIO);
            }
        }
        Pte pte = process.PageTable[page];
        if (pte.Pmd)
            Touch(process, page);
        pte.Folio!.Contents[pte.Index] = token;
        pte.Folio.Dirty = true;
        return Outcome.Ok;
    }

    /// <summary>can_follow_write_pte: a fault would change nothing but take the write bit that only the VMA's rights withhold.</summary>
    private bool CanForceWrite(Process process, Vma vma, long page)
    {
        if (!process.PageTable.TryGet(page, out Pte pte))
            return false;
        return pte.Writable || IsOwn(pte) && !vma.AllowsStores && !MustHearOfStore(vma, pte);
    }
}
