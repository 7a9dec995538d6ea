using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What fork must do (SPECIFICATION.md 5.7).</summary>
public static class ForkProperties
{
    /// <summary>28: parent and child map the same frames read-only, no page stays AnonExclusive, and both read the same.</summary>
    public static string? SharesEverything(in Step step, Premise premise)
    {
        if (step.Operation.Kind != OperationKind.Fork || step.Outcome != Outcome.Ok)
            return null;
        int parent = step.Operation.Process;
        int child = step.Operation.Child;
        foreach (PteRun run in step.Before.Runs)
        {
            if (run.Process != parent || run.IsZeroPage)
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
                if ((ours.Bits & PteBits.Dirty) != (run.Bits & PteBits.Dirty) || (theirs.Bits & PteBits.Dirty) != (run.Bits & PteBits.Dirty))
                    return $"page 0x{page:x}: dirty changed from {run.Bits} to {ours.Bits} in the parent and {theirs.Bits} in the child";
                if (step.After.IsExclusive(step.After.Folios[ours.Folio], ours.Index))
                    return $"page 0x{page:x}: AnonExclusive after fork";
                if (Token(step.After, theirs) != Token(step.Before, run with { Index = run.Index + i }))
                    return $"page 0x{page:x}: the child reads {Token(step.After, theirs)}";
            }
        }
        return null;
    }

    private static int Token(MemoryState state, in PteRun entry) => state.Token(state.Folios[entry.Folio], entry.Index);
}
