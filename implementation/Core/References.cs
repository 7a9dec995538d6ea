using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Plain references of a caller's own (FOLL_GET), and how handles of either kind are dropped (SPECIFICATION.md 5.9, 17.14).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Pages that one pipe takes: pipe_max_size, 1 MiB.</summary>
    private const int PagesPerGet = 256;

    /// <summary>vmsplice: as many pages from the first one on as can be read.</summary>
    private Outcome Get(Process process, int id, long address, long length)
    {
        var handle = new Handle(isPin: false);
        if (process.Handles.Find(id, isPin: false) is null)
            process.Handles.Add(id, handle);
        else
            process.Handles.Replace(id, handle);
        if (length < 0)
            return Outcome.Error(Errno.EINVAL);
        int taken = 0;
        while (taken < Math.Min(length, PagesPerGet) && GetPage(process, handle, address + taken))
            taken++;
        return taken == 0 && length > 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token(taken);
    }

    /// <summary>Takes one reference on a page, of which the zero page knows nothing. Returns false when the page cannot be read.</summary>
    private bool GetPage(Process process, Handle handle, long page)
    {
        if (!IsWithinHardwareReach(process, page) && ReadSlowly(process, page) != FaultResult.Done)
            return false;
        MappedPage mapped = process.Table.Look(page);
        if (mapped.IsZeroPage)
            return true;
        int folio = _folios.Head[mapped.Frame];
        TakeReferences(folio, 1);
        handle.Add(folio, 1);
        return true;
    }

    /// <summary>gup_fast_pte_range and gup_fast_pmd_leaf: whether a page can be followed without asking its VMA. The zero page never can.</summary>
    private static bool IsWithinHardwareReach(Process process, long page) => process.Table.Look(page) is { IsFolio: true, IsProtNone: false };

    /// <summary>__get_user_pages for a page that is to be read.</summary>
    private FaultResult ReadSlowly(Process process, long page)
    {
        if (process.Vmas.Find(page) is not { } vma || (vma.Protection & Protection.Read) == 0)
            return FaultResult.Guarded;
        return PopulateRead(process, vma, page);
    }

    private Outcome DropHandle(Process process, int id, bool isPin)
    {
        if (process.Handles.Find(id, isPin) is not { } handle)
            return Outcome.Error(Errno.EBADF);
        process.Handles.Remove(id, isPin);
        DropHold(handle);
        return Outcome.Ok;
    }

    private void DropAllHandles(Process process)
    {
        foreach (Handle handle in process.Handles.Named)
            DropHold(handle);
        foreach (Handle handle in process.Handles.Lost)
            DropHold(handle);
        process.Handles.Clear();
    }

    /// <summary>One process lets a handle go; its references go with the last one.</summary>
    private void DropHold(Handle handle)
    {
        handle.Holders--;
        if (handle.Holders > 0)
            return;
        foreach ((int folio, int count) in handle.Held)
        {
            if (handle.IsPin)
                DropPins(folio, count);
            else
                DropReferences(folio, count);
        }
    }
}
