using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What failing calls must leave alone (SPECIFICATION.md 17.1).</summary>
public static class FailureProperties
{
    /// <summary>44: a call that fails leaves the state as it was, except where partial progress is documented.</summary>
    public static string? LeavesStateAlone(in Step step, Premise premise)
    {
        if (step.Outcome.Kind == OutcomeKind.Ok || MayHaveProgressed(step))
            return null;
        premise.Holds();
        Difference? difference = Difference.Between(step.Before.Observation, step.After.Observation);
        return difference is null
            ? null
            : $"{OperationText.Line(step.Operation)} failed with {step.Outcome}, but {difference.Path} changed from {difference.Expected} to {difference.Found}";
    }

    private static bool MayHaveProgressed(in Step step) => step.Operation.Kind switch
    {
        // Holes are reported after the rest is done; populate stops where it cannot go on.
        OperationKind.Madvise => step.Outcome != Outcome.Error(Errno.EINVAL) && step.Outcome != Outcome.NoProcess
            || step.Operation.Advice is Advice.PopulateRead or Advice.PopulateWrite && step.Operation.Address >= 0,
        // Rights change VMA by VMA up to the hole; a move loses its destination first; pins break sharing and references map zero pages on the way.
        OperationKind.Mprotect => step.Outcome == Outcome.Error(Errno.ENOMEM),
        OperationKind.Mremap => step.Operation.Length != step.Operation.NewLength && (step.Operation.MremapFlags & MremapFlags.Fixed) != 0,
        OperationKind.Get or OperationKind.Pin => step.Outcome != Outcome.NoProcess,
        // What was shared before a pinned page could not be copied stays write-protected.
        OperationKind.Fork => step.Outcome.Kind == OutcomeKind.OutOfMemory,
        OperationKind.WriteRange => step.Outcome != Outcome.NoProcess,
        // A fault falls back through the orders, and counts that, before it gives up.
        OperationKind.Write => step.Outcome.Kind == OutcomeKind.OutOfMemory,
        _ => false,
    };
}
