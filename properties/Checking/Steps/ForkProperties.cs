using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What fork must do (SPECIFICATION.md 5.7).</summary>
public static class ForkProperties
{
    /// <summary>28: of anonymous memory parent and child map the same frames read-only, no page stays AnonExclusive, and both read the same.</summary>
    public static string? SharesEverything(in Step step, Premise premise)
    {
        if (step.Operation.Kind != OperationKind.Fork || step.Outcome != Outcome.Ok)
            return null;
        int parent = step.Operation.Process;
        int child = step.Operation.Child;
        foreach (PteRun run in step.Before.Runs)
        {
            if (run.Process != parent || run.IsZeroPage || !IsShared(step, run))
                continue;
            for (int i = 0; i < run.Count; i++)
            {
                premise.Holds();
                long page = run.Page + i;
                long frame = step.Before.Folios[run.Folio].State.Frame + run.Index + i;
                if (step.After.Find(parent, page) is not PteRun ours || step.After.Find(child, page) is not PteRun theirs)
                    return $"page 0x{page:x} is not mapped in both parent and child";
                if (step.After.FrameOf(ours) != frame || step.After.FrameOf(theirs) != frame)
                    return $"page 0x{page:x}: frame {frame} before, {step.After.FrameOf(ours)} in the parent and {step.After.FrameOf(theirs)} in the child";
                if (((ours.Bits | theirs.Bits) & PteBits.Writable) != 0)
                    return $"page 0x{page:x}: still writable in the {((ours.Bits & PteBits.Writable) != 0 ? "parent" : "child")}";
                if ((ours.Bits & PteBits.Dirty) != (run.Bits & PteBits.Dirty) || (theirs.WithoutSmear(step.Machine, run).Bits & PteBits.Dirty) != (run.Bits & PteBits.Dirty))
                    return $"page 0x{page:x}: dirty changed from {run.Bits} to {ours.Bits} in the parent and {theirs.Bits} in the child";
                if (step.After.IsExclusive(step.After.Folios[ours.Folio], ours.Index))
                    return $"page 0x{page:x}: AnonExclusive after fork";
                if (Token(step.After, theirs) != Token(step.Before, run with { Index = run.Index + i }))
                    return $"page 0x{page:x}: the child reads {Token(step.After, theirs)}";
            }
        }
        return null;
    }

    /// <summary>Whether a folio looks pinned: a small one cannot be told from one with many references.</summary>
    internal static bool MayBePinned(FolioState folio) => folio.Pins > 0 || folio.Order == 0 && folio.References >= 1024;

    /// <summary>Whether a folio that one entry maps may have a pin. That one has no other references is not known: who takes 1024 of them is taken for a pin.</summary>
    private static bool HasPin(FolioState folio) => folio.Pins > 0 || folio.Order == 0 && folio.References > 1024;

    private static bool IsShared(in Step step, in PteRun run)
    {
        VmaFlags flags = step.Before.Vmas[run.Vma].Flags;
        // The file is mapped anew when the child asks for it.
        return (flags & (VmaFlags.DontFork | VmaFlags.WipeOnFork | VmaFlags.Shared)) == 0 && !MayBePinned(step.Before.Folios[run.Folio].State);
    }

    /// <summary>29: an AnonExclusive page of a pinned folio is copied for the child; the parent's entry and mark stay as they are.</summary>
    public static string? CopiesPinnedPages(in Step step, Premise premise)
    {
        if (step.Operation.Kind != OperationKind.Fork || step.Outcome != Outcome.Ok)
            return null;
        foreach (PteRun run in step.Before.Runs)
        {
            bool copied = run.Process == step.Operation.Process && !run.IsZeroPage && HasPin(step.Before.Folios[run.Folio].State)
                && (step.Before.Vmas[run.Vma].Flags & (VmaFlags.DontFork | VmaFlags.WipeOnFork)) == 0;
            for (int i = 0; copied && i < run.Count; i++)
            {
                PteRun before = run with { Page = run.Page + i, Count = 1, Index = run.Index + i };
                FolioView folio = step.Before.Folios[run.Folio];
                // Only pins of the parent itself count; a folio of another process's pin is never AnonExclusive here.
                if (!step.Before.IsExclusive(folio, before.MarkedPage(0)))
                    continue;
                premise.Holds();
                if (step.After.Find(run.Process, before.Page) is not PteRun ours || step.After.Find(step.Operation.Child, before.Page) is not PteRun theirs)
                    return $"page 0x{before.Page:x} is not mapped in both parent and child";
                if (!ours.HasBitsOf(before) || step.After.FrameOf(ours) != step.Before.FrameOf(before) || !IsExclusive(step.After, ours))
                    return $"page 0x{before.Page:x}: the parent's entry of a pinned page changed";
                if (step.After.FrameOf(theirs) == step.After.FrameOf(ours) || !IsExclusive(step.After, theirs))
                    return $"page 0x{before.Page:x}: the child shares a pinned page";
                if (Token(step.After, theirs) != Token(step.Before, before))
                    return $"page 0x{before.Page:x}: the child reads {Token(step.After, theirs)}";
            }
        }
        return null;
    }

    private static bool IsExclusive(MemoryState state, in PteRun entry) => state.IsExclusive(state.Folios[entry.Folio], entry.MarkedPage(0));

    /// <summary>30: what has no anon_vma, the file among it, was marked DONTFORK or WIPEONFORK has no entries in the child.</summary>
    public static string? CopiesNothingUntouched(in Step step, Premise premise)
    {
        if (step.Operation.Kind != OperationKind.Fork || step.Outcome != Outcome.Ok)
            return null;
        foreach (VmaView vma in step.Before.Vmas)
        {
            bool leftOut = (vma.Flags & VmaFlags.DontFork) != 0;
            bool empty = leftOut || (vma.Flags & VmaFlags.WipeOnFork) != 0 || vma.AnonVma < 0 && (vma.Flags & VmaFlags.MaybeGuard) == 0;
            if (vma.Process != step.Operation.Process || !empty)
                continue;
            premise.Holds();
            if ((step.After.FindVma(step.Operation.Child, vma.Start) is null) != leftOut)
                return $"vma 0x{vma.Start:x} is {(leftOut ? "" : "not ")}in the child";
            foreach (PteRun run in step.After.Runs)
            {
                if (run.Process == step.Operation.Child && run.Page < vma.End && vma.Start < run.End)
                    return $"page 0x{run.Page:x} is mapped in the child";
            }
        }
        return null;
    }

    private static int Token(MemoryState state, in PteRun entry) => state.Token(state.Folios[entry.Folio], entry.Index);
}
