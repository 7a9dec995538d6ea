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
        LeafTable leaf = process.Table.FindOrCreate(page);
        int index = process.Table.EntryOf(page);
        bool done = leaf.Present[index] || ReadFault(process, vma, leaf, index, page);
        return done ? FaultResult.Done : FaultResult.Guarded;
    }

    private FaultResult PopulateWrite(Process process, Vma vma, long page)
    {
        LeafTable? leaf = process.Table.Find(page);
        int index = process.Table.EntryOf(page);
        if (leaf is null || !leaf.Writable[index])
            return WriteFault(process, vma, page);
        // follow_page_pte with FOLL_TOUCH and FOLL_WRITE: the folio becomes dirty, the entry stays as it is.
        if (!leaf.Dirty[index])
            _folios.Flags[_folios.Head[leaf.Frames[index]]] |= FolioFlags.Dirty;
        return FaultResult.Done;
    }
}
