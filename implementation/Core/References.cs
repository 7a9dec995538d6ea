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
        Handle? before = process.Handles.Find(id);
        if (before is { IsPin: true })
            return Outcome.NoProcess;
        var handle = new Handle(isPin: false);
        if (before is null)
            process.Handles.Add(id, handle);
        else
            process.Handles.Replace(id, handle);
        int taken = 0;
        while (taken < Math.Min(length, PagesPerGet) && GetPage(process, handle, address + taken))
            taken++;
        return taken == 0 && length > 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token(taken);
    }

    /// <summary>Takes one reference on a page, of which the zero page knows nothing. Returns false when the page cannot be read.</summary>
    private bool GetPage(Process process, Handle handle, long page)
    {
        if (process.Vmas.Find(page) is not { } vma || (vma.Protection & Protection.Read) == 0)
            return false;
        PopulateRead(process, page);
        LeafTable leaf = process.Table.Find(page)!;
        int index = process.Table.EntryOf(page);
        if (leaf.Special[index])
            return true;
        int folio = _folios.Head[leaf.Frames[index]];
        TakeReferences(folio, 1);
        handle.Add(folio, 1);
        return true;
    }

    private Outcome DropHandle(Process process, int id, bool isPin)
    {
        if (process.Handles.Find(id) is not { } handle || handle.IsPin != isPin)
            return Outcome.Error(Errno.EBADF);
        process.Handles.Remove(id);
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
