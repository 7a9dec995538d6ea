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

        List<Batch> batches = Batches(process, start, end, Respect.Write);
        foreach (Batch batch in batches)
            ProtectBatch(process, batch, protection);
        if (batches.Count > 0)
            Emit(EventKind.Flushed, process, 0, -1, 0);
        return true;
    }

    /// <summary>
    /// The entries of a batch are cleared together, so what was accessed or dirty in one is so in all; only pages that are AnonExclusive become
    /// writable at once, the others wait for a fault (can_change_private_pte_writable).
    /// </summary>
    private void ProtectBatch(Process process, Batch batch, Protection protection)
    {
        List<long> pages = process.PresentPages(batch.Page, batch.Page + batch.Count);
        bool young = pages.Any(page => process.PageTable[page].Young);
        bool dirty = pages.Any(page => process.PageTable[page].Dirty);
        foreach (long page in pages)
        {
            Pte pte = process.PageTable[page];
            bool exclusive = pte.Folio is not null && pte.Folio.Exclusive[pte.Index];
            process.PageTable[page] = pte with
            {
                Young = young,
                Dirty = dirty,
                Writable = exclusive && (protection & Protection.Write) != 0,
                ProtNone = protection == Protection.None,
            };
        }
        Emit(EventKind.PteCleared, process, batch.Page, FrameOf(batch.First), batch.Count);
        Emit(EventKind.PteWritten, process, batch.Page, FrameOf(batch.First), batch.Count);
    }
}
