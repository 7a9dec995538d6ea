using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>MADV_POPULATE_READ and MADV_POPULATE_WRITE: faultin_page, page after page (SPECIFICATION.md 6.7, 17.4).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome Populate(Process process, long from, long end, bool write)
    {
        Protection needed = write ? Protection.Write : Protection.Read;
        long page = from;
        while (page < end)
        {
            Vma? vma = process.Vmas.Find(page);
            if (vma is null)
                return Outcome.Error(Errno.ENOMEM);
            if ((vma.Protection & needed) == 0)
                return Outcome.Error(Errno.EINVAL);
            for (long stop = Math.Min(end, vma.End); page < stop; page++)
            {
                FaultResult result = write ? PopulateWrite(process, vma, page) : PopulateRead(process, vma, page);
                if (result != FaultResult.Done)
                    return PopulateFailure(result, Errno.EFAULT, (int)(page - from));
            }
        }
        return Outcome.Ok;
    }

    /// <summary>What a caller of get_user_pages makes of a page that it cannot have.</summary>
    private static Outcome PopulateFailure(FaultResult failure, Errno refused, int pagesDone) =>
        failure == FaultResult.OutOfMemory ? Outcome.OutOfMemory(pagesDone) : Outcome.Error(refused);

    private FaultResult PopulateRead(Process process, Vma vma, long page)
    {
        EmitFaultIfAbsent(process, page);
        if (PmdOrFault(process, vma, page, write: false) is not null)
            return FaultResult.Done;
        LeafTable leaf = process.Table.FindOrCreate(page);
        int index = process.Table.EntryOf(page);
        bool done = leaf.Present[index] || ReadFault(process, vma, leaf, index, page);
        return done ? FaultResult.Done : FaultResult.Guarded;
    }

    private FaultResult PopulateWrite(Process process, Vma vma, long page)
    {
        if (!process.Table.Look(page).IsWritable)
        {
            FaultResult result = WriteFault(process, vma, page);
            if (result != FaultResult.Done)
                return result;
        }
        TouchForWriting(process, page);
        return FaultResult.Done;
    }

    /// <summary>
    /// follow_page_pte and follow_trans_huge_pmd with FOLL_TOUCH and FOLL_WRITE: where an entry is clean its folio becomes dirty, and the entry stays as it is.
    /// </summary>
    private void TouchForWriting(Process process, long page)
    {
        if (process.Table.PmdAt(page) is { } pmd)
        {
            TouchForWriting(pmd);
            return;
        }
        LeafTable leaf = process.Table.Find(page)!;
        int index = process.Table.EntryOf(page);
        if (!leaf.IsDirty(index))
            _folios.Flags[_folios.Head[leaf.Frames[index]]] |= FolioFlags.Dirty;
    }

    /// <summary>touch_pmd with FOLL_WRITE. The folio's dirty mark is left alone; touching for reading has no effect on x86.</summary>
    private void TouchForWriting(PmdMapping pmd) =>
        pmd.Set(PteBits.Young | PteBits.Dirty | (_machine.SoftDirty ? PteBits.SoftDirty : PteBits.None));
}
