using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>madvise: which advice is which mechanism, and the walk over VMAs and holes (SPECIFICATION.md 17.1, 17.5).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome Madvise(Process process, long address, long length, Advice advice)
    {
        if (!IsRange(address, length) || length >= Machine.LengthWrapsPages || !Enum.IsDefined(advice))
            return Outcome.Error(Errno.EINVAL);
        long end = address + length;
        if (advice is Advice.PopulateRead or Advice.PopulateWrite)
            return Populate(process, address, end, advice == Advice.PopulateWrite);
        bool hole = AdviseMapped(process, address, end, advice);
        // At most one of the two has something to end: only MADV_DONTNEED gathers references.
        FinishZap(process);
        return hole ? Outcome.Error(Errno.ENOMEM) : Outcome.Ok;
    }

    /// <summary>madvise_walk_vmas: does what it can; returns whether some page of the range is not mapped.</summary>
    private bool AdviseMapped(Process process, long from, long end, Advice advice)
    {
        bool hole = false;
        while (from < end)
        {
            Vma? vma = process.Vmas.At(process.Vmas.IndexEndingAfter(from));
            if (vma is null || vma.Start >= end)
                return true;
            hole |= vma.Start > from;
            from = Math.Max(from, vma.Start);
            long stop = Math.Min(end, vma.End);
            Advise(process, vma, from, stop, advice);
            from = stop;
        }
        return hole;
    }

    /// <summary>One advice for a range within one VMA.</summary>
    private void Advise(Process process, Vma vma, long from, long end, Advice advice)
    {
        switch (advice)
        {
            case Advice.HugePage:
                SetHugeAdvice(process, vma, from, end, HugeAdvice.HugePage);
                break;
            case Advice.NoHugePage:
                SetHugeAdvice(process, vma, from, end, HugeAdvice.NoHugePage);
                break;
            case Advice.DontNeed:
                Zap(process, from, end);
                break;
            default:
                FreeLazily(process, from, end);
                break;
        }
    }

    /// <summary>vma_modify_flags: the piece is split off, changed, and joined with the neighbours that are like it now.</summary>
    private static void SetHugeAdvice(Process process, Vma vma, long from, long end, HugeAdvice hugeAdvice)
    {
        if (vma.HugeAdvice == hugeAdvice)
            return;
        Vmas vmas = process.Vmas;
        vmas.SplitAt(from);
        vmas.SplitAt(end);
        Vma piece = vmas.Find(from)!;
        piece.HugeAdvice = hugeAdvice;
        vmas.MergeAround(piece);
    }
}
