using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>/proc/PID/mem: loads and stores that no right forbids, FOLL_FORCE (SPECIFICATION.md 17.20).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome ForceRead(Process process, long page)
    {
        if (process.Vmas.Find(page) is not { } vma || PopulateRead(process, vma, page) != FaultResult.Done)
            return Outcome.Error(Errno.EIO);
        LeafTable leaf = process.Table.Find(page)!;
        int index = process.Table.EntryOf(page);
        return Outcome.Token(leaf.Special[index] ? 0 : _folios.Token[leaf.Frames[index]]);
    }

    private Outcome ForceWrite(Process process, long page, int token)
    {
        if (process.Vmas.Find(page) is not { } vma)
            return Outcome.Error(Errno.EIO);
        // A page that is new does not say yet that it is written to: then a second fault tells whoever tracks it.
        while (!IsStoreForceable(process, vma, page))
        {
            FaultResult result = WriteFault(process, vma, page);
            if (result != FaultResult.Done)
                return PopulateFailure(result, Errno.EIO, 0);
        }
        int frame = process.Table.Find(page)!.Frames[process.Table.EntryOf(page)];
        _folios.Flags[_folios.Head[frame]] |= FolioFlags.Dirty;
        _folios.Token[frame] = token;
        return Outcome.Ok;
    }

    /// <summary>can_follow_write_pte: a store hurts nobody else, and nobody has to hear of it.</summary>
    private bool IsStoreForceable(Process process, Vma vma, long page)
    {
        if (process.Table.Find(page) is not { } leaf)
            return false;
        int index = process.Table.EntryOf(page);
        if (leaf.Writable[index])
            return true;
        return !vma.MayWrite && leaf.Present[index] && !leaf.Special[index]
            && _folios.AnonExclusive[leaf.Frames[index]] && !MustFaultOnStore(vma, leaf, index);
    }
}
