using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>MADV_POPULATE_READ and MADV_POPULATE_WRITE (madvise_populate, faultin_page; SPECIFICATION.md 6.7, 17.4).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome PopulateRead(Process process, long start, long end)
    {
        for (long page = start; page < end; page++)
        {
            if (CheckPopulate(process, page, Protection.Read) is Errno errno)
                return Outcome.Error(errno);
            if (!process.PageTable.ContainsKey(page))
                ReadFault(process, page);
        }
        return Outcome.Ok;
    }

    private Outcome PopulateWrite(Process process, long start, long end)
    {
        for (long page = start; page < end; page++)
        {
            if (CheckPopulate(process, page, Protection.Write) is Errno errno)
                return Outcome.Error(errno);
            if (process.PageTable.TryGetValue(page, out Pte pte) && pte.Writable)
                Touch(pte);
            else if (!WriteFault(process, process.FindVma(page)!, page))
                return Outcome.OutOfMemory((int)(page - start));
        }
        return Outcome.Ok;
    }

    private static Errno? CheckPopulate(Process process, long page, Protection needed)
    {
        Vma? vma = process.FindVma(page);
        if (vma is null)
            return Errno.ENOMEM;
        return (vma.Protection & needed) == 0 ? Errno.EINVAL : null;
    }

    /// <summary>FOLL_TOUCH for writing: a page that is about to be written behind the entry's back must not count as clean.</summary>
    private static void Touch(Pte pte)
    {
        if (!pte.Dirty)
            pte.Folio!.Dirty = true;
    }
}
