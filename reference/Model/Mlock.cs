using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>mlock, munlock and what they do to folios (do_mlock, mlock_fixup, mlock_pte_range, mlock_folio; SPECIFICATION.md 6.6, 17.15).</summary>
public sealed partial class ReferenceMemory
{
    private const VmaFlags LockFlags = VmaFlags.Locked | VmaFlags.LockOnFault;

    /// <summary>mlock, mlock2 and munlock: the lock flags of the range become those given.</summary>
    private Outcome SetLock(Process process, in Operation operation, VmaFlags locked)
    {
        if (BadRange(operation))
            return Outcome.Error(Errno.EINVAL);
        // In bytes the length is 0: unlike other calls this one does not look for that.
        if (operation.Length >= Machine.LengthWrapsPages)
            return Outcome.Ok;
        long page = operation.Address;
        while (page < operation.End)
        {
            Vma? vma = process.FindVma(page);
            if (vma is null)
                return Outcome.Error(Errno.ENOMEM);
            long end = Math.Min(operation.End, vma.End);
            if ((vma.Flags & LockFlags) != locked)
                ChangeLock(process, vma, page, end, locked);
            page = end;
        }
        return locked == VmaFlags.Locked ? PopulateLocked(process, operation.Address, operation.End) : Outcome.Ok;
    }

    /// <summary>mlock_fixup.</summary>
    private void ChangeLock(Process process, Vma vma, long start, long end, VmaFlags locked)
    {
        Change(process, start, end, piece => piece with { Flags = piece.Flags & ~LockFlags | locked });
        bool isLocked = locked != VmaFlags.None;
        if (vma.IsLocked == isLocked)
            return; // It says only what later faults do: mlocking twice would be wrong.
        long page = start;
        while (process.FirstPresent(page, end) is long first)
        {
            Batch batch = WholeBatch(process, first, end);
            page = first + batch.Count;
            if (batch.First.Folio is not Folio folio)
                continue;
            // A folio that is not wholly in reach stays evictable; one that may have been mlocked whole is let go as soon as a part is.
            if (!isLocked)
                Munlock(folio);
            else if (batch.Count == folio.Pages)
                Mlock(folio);
        }
    }

    /// <summary>mlock_folio.</summary>
    private static void Mlock(Folio folio)
    {
        folio.Mlocked = true;
        folio.MlockCount++;
    }

    /// <summary>munlock_folio.</summary>
    private static void Munlock(Folio folio)
    {
        folio.MlockCount = Math.Max(0, folio.MlockCount - 1);
        if (folio.MlockCount == 0)
            folio.Mlocked = false;
    }

    /// <summary>__mm_populate for mlock: what is not there is faulted in, what may be written as if it were.</summary>
    private Outcome PopulateLocked(Process process, long start, long end)
    {
        for (long page = start; page < end; page++)
        {
            Vma vma = process.FindVma(page)!;
            if (vma.Protection == Protection.None)
                return Outcome.Error(Errno.ENOMEM);
            switch (PopulatePage(process, vma, page, vma.AllowsStores))
            {
                case Fault.OutOfMemory:
                    return Outcome.OutOfMemory((int)(page - start));
                case Fault.SegmentationFault or Fault.BusError:
                    return Outcome.Error(Errno.ENOMEM);
            }
        }
        return Outcome.Ok;
    }
}
