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
            case Advice.DontNeed:
                Zap(process, from, end);
                break;
            case Advice.Free:
            case Advice.Cold:
                AdviseBatches(process, from, end, advice);
                break;
            default:
                SetFlags(process, vma, from, end, FlagsAfter(vma.Flags, advice));
                break;
        }
    }

    /// <summary>What an advice that only changes flags makes of those of a VMA (madvise_vma_behavior).</summary>
    private static VmaFlags FlagsAfter(VmaFlags flags, Advice advice) => advice switch
    {
        Advice.HugePage => (flags & ~VmaFlags.NoHugePage) | VmaFlags.HugePage,
        Advice.NoHugePage => (flags & ~VmaFlags.HugePage) | VmaFlags.NoHugePage,
        Advice.DontFork => flags | VmaFlags.DontFork,
        Advice.DoFork => flags & ~VmaFlags.DontFork,
        Advice.WipeOnFork => flags | VmaFlags.WipeOnFork,
        Advice.KeepOnFork => flags & ~VmaFlags.WipeOnFork,
        _ => flags,
    };

    /// <summary>vma_modify_flags: the piece is split off, changed, and joined with the neighbours that are like it now.</summary>
    private static void SetFlags(Process process, Vma vma, long from, long end, VmaFlags flags)
    {
        if (vma.Flags == flags)
            return;
        Vma piece = process.Vmas.SplitOff(from, end);
        piece.Flags = flags;
        process.Vmas.MergeAround(piece);
    }
}
