using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>/proc/PID/mem: loads and stores that no right forbids, FOLL_FORCE (SPECIFICATION.md 17.20).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome ForceRead(Process process, long page)
    {
        if (process.Vmas.Find(page) is not { } vma || PopulateRead(process, vma, page) != FaultResult.Done)
            return Outcome.Error(Errno.EIO);
        return Outcome.Token(TokenOf(process.Table.Look(page)));
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
        if (process.Table.PmdAt(page) is { } pmd)
            TouchForWriting(pmd);
        int frame = process.Table.Look(page).Frame;
        _folios.Flags[_folios.Head[frame]] |= FolioFlags.Dirty;
        _folios.Token[frame] = token;
        return Outcome.Ok;
    }

    /// <summary>can_follow_write_pte and can_follow_write_pmd: a store hurts nobody else, and nobody has to hear of it.</summary>
    private bool IsStoreForceable(Process process, Vma vma, long page)
    {
        MappedPage mapped = process.Table.Look(page);
        return mapped.IsWritable
            || (!vma.MayWrite && mapped.IsFolio && _folios.AnonExclusive[mapped.ExclusiveFrame] && !MustFaultOnStore(vma, mapped.Bits));
    }
}
