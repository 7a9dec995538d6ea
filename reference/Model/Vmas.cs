using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>mmap, munmap, madvise over VMAs; VMA split and merge (vma_merge_new_range, vma_modify; SPECIFICATION.md 3, 17.5).</summary>
public sealed partial class ReferenceMemory
{
    private static bool BadRange(in Operation operation) =>
        operation.Address < 0 || operation.Address > Machine.LengthWrapsPages || operation.Length < 0;

    private static bool BeyondAddressSpace(in Operation operation) =>
        operation.Length > Machine.AddressSpacePages || operation.Address > Machine.AddressSpacePages - operation.Length;

    private Outcome Mmap(Process process, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation))
            return Outcome.Error(Errno.EINVAL);
        bool writable = (operation.Protection & Protection.Write) != 0;
        if (BeyondAddressSpace(operation))
            return Outcome.Error(Errno.ENOMEM);
        if (writable && operation.Length >= Machine.CommitLimitPages)
        {
            // The ends are cut before the charge fails, and nobody joins them again.
            SplitAt(process, operation.Address);
            SplitAt(process, operation.End);
            return Outcome.Error(Errno.ENOMEM);
        }
        Unmap(process, operation.Address, operation.End);
        VmaFlags flags = (writable ? VmaFlags.Account : VmaFlags.None) | (_machine.SoftDirty ? VmaFlags.SoftDirty : VmaFlags.None);
        PutAndMerge(process, new Vma(operation.Address, operation.End, operation.Protection, flags) { Offset = operation.Address });
        return Outcome.Ok;
    }

    private Outcome Munmap(Process process, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation) || BeyondAddressSpace(operation))
            return Outcome.Error(Errno.EINVAL);
        Unmap(process, operation.Address, operation.End);
        return Outcome.Ok;
    }

    private void Unmap(Process process, long start, long end)
    {
        SplitAt(process, start);
        SplitAt(process, end);
        Zap(process, start, end);
        GuardRemove(process, start, end);
        foreach (Vma vma in process.VmasIn(start, end))
            process.Vmas.Remove(vma.Start);
        FreeTables(process);
    }

    private Outcome Madvise(Process process, in Operation operation)
    {
        if (BadRange(operation) || operation.Length >= Machine.LengthWrapsPages)
            return Outcome.Error(Errno.EINVAL);
        if (operation.Length == 0)
            return Outcome.Ok;
        if (operation.Advice is Advice.PopulateRead or Advice.PopulateWrite)
            return Populate(process, operation.Address, operation.End, operation.Advice == Advice.PopulateWrite);
        if (operation.Advice == Advice.Collapse)
            return Collapse(process, operation);
        Vma? locked = NeedsUnlocked(operation.Advice)
            ? process.VmasIn(operation.Address, operation.End).FirstOrDefault(vma => vma.IsLocked)
            : null;
        DoAdvice(process, operation.Address, locked is null ? operation.End : Math.Max(operation.Address, locked.Start), operation.Advice);
        if (locked is not null)
            return Outcome.Error(Errno.EINVAL);
        // Holes are skipped, all else is done, then the hole is reported.
        return HasHole(process, operation.Address, operation.End) ? Outcome.Error(Errno.ENOMEM) : Outcome.Ok;
    }

    /// <summary>Advices that a locked VMA ends with EINVAL; what lies before it is done.</summary>
    private static bool NeedsUnlocked(Advice advice) => advice is Advice.DontNeed or Advice.Free or Advice.Cold or Advice.GuardInstall;

    private void DoAdvice(Process process, long start, long end, Advice advice)
    {
        switch (advice)
        {
            case Advice.DontNeed or Advice.DontNeedLocked:
                Zap(process, start, end);
                ReclaimTables(process, start, end);
                break;
            case Advice.Free:
                MadviseFree(process, start, end);
                break;
            case Advice.Cold:
                MadviseCold(process, start, end);
                break;
            case Advice.GuardInstall:
                GuardInstall(process, start, end);
                break;
            case Advice.GuardRemove:
                GuardRemove(process, start, end);
                break;
            default:
                Advise(process, start, end, advice);
                break;
        }
    }

    private static bool HasHole(Process process, long start, long end)
    {
        long mapped = process.VmasIn(start, end).Sum(vma => Math.Min(end, vma.End) - Math.Max(start, vma.Start));
        return mapped < end - start;
    }

    /// <summary>Flags of a VMA after an advice that only changes flags (hugepage_madvise, madvise_vma_behavior).</summary>
    private static VmaFlags Advised(VmaFlags flags, Advice advice) => advice switch
    {
        Advice.HugePage => flags & ~VmaFlags.NoHugePage | VmaFlags.HugePage,
        Advice.NoHugePage => flags & ~VmaFlags.HugePage | VmaFlags.NoHugePage,
        Advice.DontFork => flags | VmaFlags.DontFork,
        Advice.DoFork => flags & ~VmaFlags.DontFork,
        Advice.WipeOnFork => flags | VmaFlags.WipeOnFork,
        Advice.KeepOnFork => flags & ~VmaFlags.WipeOnFork,
        _ => throw new ArgumentOutOfRangeException(nameof(advice)),
    };

    /// <summary>madvise_update_vma: a VMA that has the flags already is not touched at all.</summary>
    private void Advise(Process process, long start, long end, Advice advice)
    {
        foreach (Vma vma in process.VmasIn(start, end))
        {
            VmaFlags flags = Advised(vma.Flags, advice);
            if (vma.Flags != flags)
                Change(process, Math.Max(start, vma.Start), Math.Min(end, vma.End), piece => piece with { Flags = flags });
        }
    }

    /// <summary>vma_modify: cuts a piece out of its VMA, changes it, and joins it with the neighbours that it fits now.</summary>
    private void Change(Process process, long start, long end, Func<Vma, Vma> change, SoftDirtyOf softDirty = SoftDirtyOf.Piece)
    {
        SplitAt(process, start);
        SplitAt(process, end);
        Vma piece = process.Vmas[start];
        process.Vmas.Remove(start);
        PutAndMerge(process, change(piece), softDirty);
    }

    /// <summary>Cuts the VMA around a page in two, with the same anon_vma on both sides (__split_vma).</summary>
    private void SplitAt(Process process, long page)
    {
        Vma? vma = process.FindVma(page);
        if (vma is null || vma.Start == page)
            return;
        SplitPmdAcross(process, page);
        process.Vmas[vma.Start] = vma with { End = page };
        process.Vmas[page] = vma with { Start = page, Offset = vma.Offset + (page - vma.Start) };
    }

    /// <summary>Whose VM_SOFTDIRTY a joined VMA has (SPECIFICATION.md 17.18).</summary>
    private enum SoftDirtyOf
    {
        /// <summary>That of the VMA that was put in: the caller writes all its flags.</summary>
        Piece,

        /// <summary>That of the neighbour that grew.</summary>
        Neighbour,
    }

    /// <summary>Puts a VMA into a free range and joins it with the neighbours it may be joined with; the left one goes first.</summary>
    private void PutAndMerge(Process process, Vma vma, SoftDirtyOf softDirty = SoftDirtyOf.Piece)
    {
        VmaFlags flags = vma.Flags;
        Vma? left = process.Vmas.Values.FirstOrDefault(other => other.End == vma.Start);
        Vma? right = process.Vmas.Values.FirstOrDefault(other => other.Start == vma.End);
        bool joinsLeft = left is not null && MayJoin(left, vma);
        bool joinsRight = right is not null && MayJoin(vma, right);
        // Each may fit the VMA between them and still not fit the other.
        if (joinsLeft && joinsRight && left!.AnonVma is not null && right!.AnonVma is not null && left.AnonVma != right.AnonVma)
            joinsRight = false;

        if (softDirty == SoftDirtyOf.Neighbour)
            flags = joinsLeft ? left!.Flags : joinsRight ? right!.Flags : flags;
        if (joinsLeft)
            flags |= StickyFlags(left!);
        if (joinsRight)
            flags |= StickyFlags(right!);
        flags |= StickyFlags(vma);
        if (joinsLeft)
        {
            process.Vmas.Remove(left!.Start);
            vma = Join(left, vma);
        }
        if (joinsRight)
        {
            process.Vmas.Remove(right!.Start);
            vma = Join(vma, right);
        }
        process.Vmas.Add(vma.Start, vma with { Flags = flags });
    }

    /// <summary>What a VMA that others are joined with must not lose: that guards may be in it and, without the quirk, that it counts as written.</summary>
    private VmaFlags StickyFlags(Vma vma) =>
        vma.Flags & ((_machine.Quirks & Quirks.MergeDropsSoftDirty) != 0 ? VmaFlags.MaybeGuard : VmaFlags.MaybeGuard | VmaFlags.SoftDirty);

    /// <summary>Whether two VMAs have the same flags, as far as they keep VMAs apart.</summary>
    private static bool SameFlags(Vma one, Vma other) => ((one.Flags ^ other.Flags) & ~(VmaFlags.SoftDirty | VmaFlags.MaybeGuard)) == 0;

    /// <summary>is_mergeable_vma and is_mergeable_anon_vma for two neighbours.</summary>
    private static bool MayJoin(Vma left, Vma right)
    {
        if (left.Protection != right.Protection || !SameFlags(left, right) || !Continues(left, right))
            return false;
        if (left.AnonVma == right.AnonVma)
            return true;
        if (left.AnonVma is not null && right.AnonVma is not null)
            return false;
        // A VMA that was forked from a parent is not widened: its chain leads to the parent's anon_vmas.
        Vma faulted = left.AnonVma is null ? right : left;
        return faulted.Chain.Count == 1;
    }

    /// <summary>Whether the page offsets go on where the left VMA ends.</summary>
    private static bool Continues(Vma left, Vma right) => left.Offset + left.Length == right.Offset;

    private static Vma Join(Vma left, Vma right)
    {
        Vma anon = left.AnonVma is null ? right : left;
        return left with { End = right.End, AnonVma = anon.AnonVma, Chain = anon.Chain };
    }
}
