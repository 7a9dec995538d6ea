using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Long-term pins for reading, and FAULT_FLAG_UNSHARE: whoever reads for long must see what the process will write, so that the
/// page has to be its own already (SPECIFICATION.md 4.3, 17.19).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome PinForReading(Process process, long address, long length)
    {
        long done = 0;
        while (done < length && IsOwnWithinReach(process, address + done))
        {
            PinPage(process, address + done);
            done++;
        }
        for (; done < length; done++)
        {
            FaultResult result = PinOwnPage(process, address + done, skipZeroPage: false);
            if (result != FaultResult.Done)
                return PopulateFailure(result, Errno.EFAULT, (int)done);
        }
        return Outcome.Ok;
    }

    private bool IsOwnWithinReach(Process process, long page) =>
        process.Table.Look(page) is { IsFolio: true, IsProtNone: false } mapped && _folios.AnonExclusive[mapped.ExclusiveFrame];

    /// <summary>process_vm_readv: pins, reads and unpins as many pages at a time as fit into its buffer.</summary>
    private Outcome ReadRemote(Process process, long address, long length)
    {
        const int PagesAtATime = 1024;
        if (length < 0)
            return Outcome.Error(Errno.EINVAL);
        process.HasPinned |= length > 0;
        FaultResult result = FaultResult.Done;
        long done = 0;
        while (done < length && result == FaultResult.Done)
        {
            long stop = Math.Min(length, done + PagesAtATime);
            _pinned.Clear();
            while (done < stop)
            {
                result = PinOwnPage(process, address + done, skipZeroPage: true);
                if (result != FaultResult.Done)
                    break;
                done++;
            }
            DropPinned();
        }
        if (result == FaultResult.OutOfMemory)
            return Outcome.OutOfMemory((int)done);
        return done == 0 && length > 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token((int)done);
    }

    private void DropPinned()
    {
        var buffer = new Handle(isPin: true);
        foreach ((int frame, int count) in CollectionsMarshal.AsSpan(_pinned))
            buffer.Add(_folios.Head[frame], count);
        DropHold(buffer);
    }

    /// <summary>Faults a page in for reading, makes it the process's own and pins it; short pins leave the zero page alone.</summary>
    private FaultResult PinOwnPage(Process process, long page, bool skipZeroPage)
    {
        FaultResult result = ReadSlowly(process, page);
        if (result != FaultResult.Done || (skipZeroPage && process.Table.Look(page).IsZeroPage))
            return result;
        if (!Unshare(process, process.Vmas.Find(page)!, page))
            return FaultResult.OutOfMemory;
        PinPage(process, page);
        return FaultResult.Done;
    }

    /// <summary>
    /// gup_must_unshare, and do_wp_page with FAULT_FLAG_UNSHARE: makes a present page exclusive, not writable. Returns false when
    /// memory ran out.
    /// </summary>
    private bool Unshare(Process process, Vma vma, long page)
    {
        MappedPage mapped = process.Table.Look(page);
        if (mapped.IsFolio && _folios.AnonExclusive[mapped.ExclusiveFrame])
            return true;
        EmitFault(process, page);
        if (mapped.IsProtNone)
        {
            RestoreHinted(process, vma, page);
            EmitFault(process, page);
        }
        _anonVmas.Prepare(process.Vmas, vma);
        if (process.Table.PmdAt(page) is { } pmd)
        {
            long block = process.Table.BlockOf(page);
            if (MakePmdExclusive(process, vma, block, pmd))
                return true;
            SplitPmd(process, vma, block);
        }
        if (mapped.IsZeroPage || !CanReuse(_folios.Head[mapped.Frame]))
            return CopyPage(process, vma, process.Table.Find(page)!, page, unshare: true);
        _folios.AnonExclusive.Set(mapped.Frame);
        return true;
    }
}
