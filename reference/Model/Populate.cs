using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Faulting pages in ahead of use: MADV_POPULATE_READ and MADV_POPULATE_WRITE, and for locked memory (madvise_populate,
/// populate_vma_page_range, faultin_page; SPECIFICATION.md 6.7, 17.4).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome Populate(Process process, long start, long end, bool write)
    {
        Protection needed = write ? Protection.Write : Protection.Read;
        for (long page = start; page < end; page++)
        {
            Vma? vma = process.FindVma(page);
            if (vma is null)
                return Outcome.Error(Errno.ENOMEM);
            if ((vma.Protection & needed) == 0)
                return Outcome.Error(Errno.EINVAL);
            switch (PopulatePage(process, vma, page, write))
            {
                case Fault.OutOfMemory:
                    return Outcome.OutOfMemory((int)(page - start));
                case Fault.SegmentationFault or Fault.BusError:
                    return Outcome.Error(Errno.EFAULT);
            }
        }
        return Outcome.Ok;
    }

    /// <summary>Populates locked memory that changed, up to the first page that cannot be: nobody is told.</summary>
    private void PopulateQuietly(Process process, long start, long end)
    {
        for (long page = start; page < end; page++)
        {
            Vma vma = process.FindVma(page)!;
            if (vma.Protection == Protection.None || PopulatePage(process, vma, page, vma.AllowsStores) != Fault.Handled)
                return;
        }
    }

    private Fault PopulatePage(Process process, Vma vma, long page, bool write)
    {
        if (write)
            RestoreHinted(process, vma, page);
        bool present = process.PageTable.TryGet(page, out Pte pte);
        if (!write)
            return present ? Fault.Handled : ReadFault(process, vma, page);
        if (!present || !pte.Writable)
            return WriteFault(process, vma, page);
        Touch(process, page);
        return Fault.Handled;
    }

    /// <summary>FOLL_TOUCH for writing: a page that is about to be written behind the entry's back must not count as clean. A PMD mapping is marked itself (touch_pmd).</summary>
    private void Touch(Process process, long page)
    {
        Pte pte = process.PageTable[page];
        if (pte.Pmd)
            SetBits(process, page, entry => entry with { Young = true, Dirty = true, SoftDirty = _machine.SoftDirty });
        else if (!pte.Dirty)
            pte.Folio!.Dirty = true;
    }
}
