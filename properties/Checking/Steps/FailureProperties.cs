using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What failing calls must leave alone (SPECIFICATION.md 17.1).</summary>
public static class FailureProperties
{
    /// <summary>44: a call that fails leaves the state as it was, except where partial progress is documented.</summary>
    public static string? LeavesStateAlone(in Step step, Premise premise)
    {
        if (step.Outcome.Kind == OutcomeKind.Ok || step.Outcome.Kind != OutcomeKind.NotModelled && MayHaveProgressed(step))
            return null;
        premise.Holds();
        var mask = new Mask { Ignore = (MayCutVmas(step) ? Ignore.Vmas | Ignore.PmdForm : Ignore.Nothing) | (IsHinted(step) ? Ignore.WriteRights | Ignore.YoungDirty : Ignore.Nothing) | Ignore.FailedSplits };
        string? difference = mask.Difference(step.Before, step.After);
        return difference is null ? null : $"{OperationText.Line(step.Operation)} failed with {step.Outcome}, but changed {difference}";
    }

    /// <summary>A hint is taken away before anybody looks whether the access is allowed.</summary>
    private static bool IsHinted(in Step step) =>
        step.Operation.Kind is OperationKind.Write or OperationKind.WriteRange or OperationKind.ForceWrite
        && step.Before.Find(step.Operation.Process, step.Operation.Address) is PteRun entry && (entry.Bits & PteBits.ProtNone) != 0;

    /// <summary>VMAs are cut at the ends of a range whose charge fails.</summary>
    private static bool MayCutVmas(in Step step) =>
        step.Operation.Kind == OperationKind.Mmap && step.Outcome == Outcome.Error(Errno.ENOMEM) && step.Operation.Length >= Machine.CommitLimitPages;

    private static bool MayHaveProgressed(in Step step) => step.Operation.Kind switch
    {
        // Holes are reported after the rest is done; populate stops where it cannot go on.
        OperationKind.Madvise => step.Operation.Advice == Advice.Collapse || step.Outcome != Outcome.Error(Errno.EINVAL) && step.Outcome != Outcome.NoProcess
            || step.Operation.Advice is Advice.PopulateRead or Advice.PopulateWrite && step.Operation.Address >= 0
            || StopsAtLocked(step),
        // VMAs change up to the hole, and what is locked is populated up to the first page that cannot be; a protection ends at the first VMA that is not registered.
        OperationKind.Mlock or OperationKind.MlockOnFault or OperationKind.Munlock => step.Outcome.Kind == OutcomeKind.OutOfMemory || step.Outcome == Outcome.Error(Errno.ENOMEM),
        OperationKind.UffdWriteProtect => step.Outcome == Outcome.Error(Errno.ENOENT),
        // Rights change VMA by VMA up to the hole; a move loses its destination first; pins break sharing and references map zero pages on the way.
        OperationKind.Mprotect => step.Outcome == Outcome.Error(Errno.ENOMEM),
        OperationKind.Mremap => (step.Operation.MremapFlags & MremapFlags.Fixed) != 0 && MoveMayHaveBegun(step),
        // A get takes its number for an empty pipe; what pins and reads break on the way stays broken.
        OperationKind.Get or OperationKind.Pin or OperationKind.PinRead or OperationKind.ReadRemote =>
            step.Outcome.Kind == OutcomeKind.OutOfMemory || step.Outcome == Outcome.Error(Errno.EFAULT) && step.Operation.Length > 0,
        // What was shared before a pinned page could not be copied stays write-protected.
        OperationKind.Fork => step.Outcome.Kind == OutcomeKind.OutOfMemory,
        OperationKind.WriteRange => step.Outcome != Outcome.NoProcess,
        // The leaf table comes before the folio of the file.
        OperationKind.Read => step.Outcome.Kind == OutcomeKind.OutOfMemory,
        // A fault falls back through the orders, and counts that, before it gives up.
        OperationKind.Write or OperationKind.ForceWrite => step.Outcome.Kind == OutcomeKind.OutOfMemory,
        _ => false,
    };

    /// <summary>Another size: the destination goes before the commit limit, or the end of the address space, is seen. The same size: VMA by VMA up to one that moves only alone.</summary>
    private static bool MoveMayHaveBegun(in Step step)
    {
        Operation operation = step.Operation;
        if (operation.Length == operation.NewLength)
        {
            return step.Outcome == Outcome.Error(Errno.EFAULT)
                && step.Before.FindVma(operation.Process, operation.Address) is VmaView first && (first.Flags & VmaFlags.UffdWp) == 0;
        }
        bool beyond = operation.Length > Machine.AddressSpacePages - operation.Address;
        return step.Outcome == Outcome.Error(Errno.ENOMEM) || beyond && step.Outcome == Outcome.Error(Errno.EINVAL);
    }

    /// <summary>EINVAL at a locked VMA: what lies before it is done.</summary>
    private static bool StopsAtLocked(in Step step)
    {
        Operation operation = step.Operation;
        if (operation.Advice is not (Advice.DontNeed or Advice.Free or Advice.Cold or Advice.GuardInstall))
            return false;
        foreach (VmaView vma in step.Before.Vmas)
        {
            bool inRange = vma.Process == operation.Process && vma.Start < operation.End && operation.Address < vma.End;
            if (inRange && (vma.Flags & VmaFlags.Locked) != 0)
                return true;
        }
        return false;
    }
}
