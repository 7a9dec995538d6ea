using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What write-protection by userfaultfd promises (SPECIFICATION.md 17.17).</summary>
public static class UffdProperties
{
    /// <summary>71: an entry that userfaultfd write-protects is not writable, and lies in memory that is registered.</summary>
    public static StepCheck ProtectedIsNotWritable()
    {
        bool leftOver = false;
        return (in Step step, Premise premise) =>
        {
            // The quirk is that a move leaves such bits where nobody watches; until then nothing excuses one.
            leftOver |= (step.Machine.Quirks & Quirks.MoveDropsNeighboursUffd) != 0 && step.Operation.Kind == OperationKind.Mremap
                && step.Before.Vmas.Exists(vma => (vma.Flags & VmaFlags.UffdWp) != 0);
            return leftOver ? null : FindUnwatched(step.After, premise);
        };
    }

    private static string? FindUnwatched(MemoryState state, Premise premise)
    {
        foreach (PteRun run in state.Runs)
        {
            if ((run.Bits & PteBits.UffdWp) == 0)
                continue;
            premise.Holds();
            if ((run.Bits & PteBits.Writable) != 0)
                return $"process {run.Process} page 0x{run.Page:x}: write-protected by userfaultfd and writable";
            if ((state.Vmas[run.Vma].Flags & VmaFlags.UffdWp) == 0)
                return $"process {run.Process} page 0x{run.Page:x}: write-protected by a userfaultfd that it is not registered with";
        }
        return null;
    }

    /// <summary>75: an access ends in SIGBUS exactly at the first page that is write-protected, if it is a store, or that lies beyond the end of the file; otherwise it writes through none.</summary>
    public static string? RefusesExactly(in Step step, Premise premise)
    {
        Operation operation = step.Operation;
        bool refused = step.Outcome.Kind == OutcomeKind.BusError;
        if (operation.Kind == OperationKind.Read)
            return refused && !IsBeyondEnd(step, operation.Address) ? $"SIGBUS at page 0x{operation.Address:x}, which does not lie beyond the end of the file" : null;
        if (operation.Kind is not (OperationKind.Write or OperationKind.WriteRange))
            return null;
        long done = refused ? step.Outcome.Value : step.Outcome == Outcome.Ok ? operation.Length : 0;
        foreach (PteRun run in step.Before.Runs)
        {
            bool watched = run.Process == operation.Process && (run.Bits & (PteBits.UffdWp | PteBits.Writable)) == PteBits.UffdWp
                && (step.Before.Vmas[run.Vma].Flags & VmaFlags.UffdWp) != 0;
            if (!watched)
                continue;
            premise.Holds();
            if (Math.Max(run.Page, operation.Address) < Math.Min(run.End, operation.Address + done))
                return $"page 0x{Math.Max(run.Page, operation.Address):x} is write-protected, and was written to";
            refused &= run.Page > operation.Address + done || run.End <= operation.Address + done;
        }
        for (long page = operation.Address; page < operation.Address + done; page++)
        {
            if (IsBeyondEnd(step, page))
                return $"page 0x{page:x} lies beyond the end of the file, and was written to";
        }
        bool excused = !refused || IsBeyondEnd(step, operation.Address + done);
        return excused ? null : $"SIGBUS at page 0x{operation.Address + done:x}, which nobody protected";
    }

    private static bool IsBeyondEnd(in Step step, long page) =>
        step.Before.FindVma(step.Operation.Process, page) is VmaView vma && (vma.Flags & VmaFlags.Shared) != 0 && page + vma.Offset >= step.Machine.FilePages;
}
