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
        Outcome outcome = AdviseMapped(process, address, end, advice);
        // At most one of the two has something to end: only MADV_DONTNEED gathers references over VMAs.
        FinishZap(process);
        return outcome;
    }

    /// <summary>madvise_walk_vmas: does what it can, up to the first VMA that does not bear the advice.</summary>
    private Outcome AdviseMapped(Process process, long from, long end, Advice advice)
    {
        bool hole = false;
        while (process.Vmas.FirstWithin(from, end) is { } vma)
        {
            hole |= vma.Start > from;
            from = Math.Max(from, vma.Start);
            long stop = Math.Min(end, vma.End);
            if (vma.IsLocked && !BearsLocked(advice))
                return Outcome.Error(Errno.EINVAL);
            if (advice == Advice.Collapse)
            {
                if (Collapse(process, vma, from, stop) is { } failure)
                    return Outcome.Error(failure);
            }
            else
            {
                Advise(process, vma, from, stop, advice);
            }
            from = stop;
        }
        return hole || from < end ? Outcome.Error(Errno.ENOMEM) : Outcome.Ok;
    }

    /// <summary>Whether an advice may be given of locked memory: not if it takes pages away, or would let reclaim have them.</summary>
    private static bool BearsLocked(Advice advice) =>
        advice is not (Advice.DontNeed or Advice.Free or Advice.Cold or Advice.GuardInstall);

    /// <summary>One advice for a range within one VMA.</summary>
    private void Advise(Process process, Vma vma, long from, long end, Advice advice)
    {
        switch (advice)
        {
            case Advice.DontNeed:
            case Advice.DontNeedLocked:
                Zap(process, vma, from, end, keepGuards: true);
                // PT_RECLAIM.
                process.Table.ReleaseEmpty(from, end);
                break;
            case Advice.GuardInstall:
                InstallGuards(process, vma, from, end);
                break;
            case Advice.GuardRemove:
                RemoveGuards(process, from, end);
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
    private void SetFlags(Process process, Vma vma, long from, long end, VmaFlags flags)
    {
        if (vma.Flags == flags)
            return;
        Vma piece = SplitOff(process, from, end);
        piece.Flags = flags;
        process.Vmas.MergeAround(piece, SoftDirtyOf.Piece);
    }
}
