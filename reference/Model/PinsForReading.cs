using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// Pins of who only reads, for long or for a moment: what they read must be this process's own, so that they see what it stores later (FAULT_FLAG_UNSHARE,
/// process_vm_readv; SPECIFICATION.md 4.3, 17.19).
/// </summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Pages that process_vm_readv pins at a time.</summary>
    private const int RemotePages = 1024;

    /// <summary>FOLL_PIN, FOLL_LONGTERM: what is pinned only to be read is unshared too, so that later stores are seen through the pin.</summary>
    private Outcome PinRead(Process process, in Operation operation) => TakePins(process, operation, PinPagesForReading, (_, _) => { });

    private Outcome? PinPagesForReading(Process process, in Operation operation, Hold hold)
    {
        bool fast = true;
        for (long done = 0; done < operation.Length; done++)
        {
            long page = operation.Address + done;
            fast &= IsInReach(process, page) && IsOwn(process.PageTable[page]);
            if (fast)
                TakePin(hold, process.PageTable[page].Folio!);
            else if (FailedPin(PinPageForReading(process, page, hold, forLong: true), done) is Outcome failed)
                return failed;
        }
        return null;
    }

    /// <summary>gup_must_unshare: what is pinned must be this process's own; for a moment the zero page will do, and needs no pin.</summary>
    private Fault PinPageForReading(Process process, long page, Hold hold, bool forLong)
    {
        if (FaultForReading(process, page) is Fault fault and not Fault.Handled)
            return fault;
        Pte pte = process.PageTable[page];
        if (pte.Folio is null && !forLong)
            return Fault.Handled;
        if (!IsOwn(pte) && !Unshare(process, process.FindVma(page)!, page))
            return Fault.OutOfMemory;
        TakePin(hold, process.PageTable[page].Folio!);
        return Fault.Handled;
    }

    private static bool IsOwn(Pte pte) => pte.Folio is not null && pte.Folio.Exclusive[pte.Pmd ? 0 : pte.Index];

    /// <summary>process_vm_readv: part after part is pinned, read and released.</summary>
    private Outcome ReadRemote(Process process, in Operation operation)
    {
        if (operation.Length < 0)
            return Outcome.Error(Errno.EINVAL);
        process.HasPinned |= operation.Length > 0;
        long done = 0;
        var fault = Fault.Handled;
        while (done < operation.Length && fault == Fault.Handled)
        {
            var hold = new Hold(isPin: true);
            long end = Math.Min(operation.Length, done + RemotePages);
            while (done < end && (fault = PinPageForReading(process, operation.Address + done, hold, forLong: false)) == Fault.Handled)
                done++;
            Release(hold);
        }
        if (fault == Fault.OutOfMemory)
            return Outcome.OutOfMemory((int)done);
        return done == 0 && operation.Length > 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token((int)done);
    }

    /// <summary>FAULT_FLAG_UNSHARE: the page becomes this process's own, without being written to. False: no page for a copy.</summary>
    private bool Unshare(Process process, Vma vma, long page)
    {
        RestoreHinted(process, vma, page);
        Emit(EventKind.Faulted, process, page, -1, 1);
        PrepareAnonVma(process, vma);
        if (process.PageTable[page].Pmd && UnsharePmd(process, vma, page))
            return true;
        Pte pte = process.PageTable[page];
        if (pte.Folio is null || !CanReuse(pte.Folio))
            return Copy(process, vma, page, pte, pte with { Writable = false, Dirty = false, Young = true });
        pte.Folio.Exclusive[pte.Index] = true;
        return true;
    }
}
