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
                if (!write)
                    PopulateRead(process, page);
                else if (!PopulateWrite(process, vma, page))
                    return Outcome.OutOfMemory((int)(page - from));
            }
        }
        return Outcome.Ok;
    }

    private void PopulateRead(Process process, long page)
    {
        LeafTable leaf = process.Table.FindOrCreate(page);
        int index = process.Table.EntryOf(page);
        if (!leaf.Present[index])
            ReadFault(process, leaf, index, page);
    }

    private bool PopulateWrite(Process process, Vma vma, long page)
    {
        LeafTable? leaf = process.Table.Find(page);
        int index = process.Table.EntryOf(page);
        if (leaf is null || !leaf.Writable[index])
            return WriteFault(process, vma, page);
        // follow_page_pte with FOLL_TOUCH and FOLL_WRITE: the folio becomes dirty, the entry stays as it is.
        if (!leaf.Dirty[index])
            _folios.Flags[_folios.Head[leaf.Frames[index]]] |= FolioFlags.Dirty;
        return true;
    }
}
