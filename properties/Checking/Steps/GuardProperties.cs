using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Where guard markers are (SPECIFICATION.md 17.16).</summary>
public static class GuardProperties
{
    /// <summary>
    /// 72: markers come by GUARD_INSTALL, fork and mremap alone, stay where nobody takes them away, and nothing is mapped where one is: the rules said once more, page
    /// by page.
    /// </summary>
    public static string? ExactlyWherePut(in Step step, Premise premise)
    {
        Operation operation = step.Operation;
        foreach (GuardRun guard in step.Before.Guards)
        {
            for (long page = guard.Page; page < guard.End; page++)
            {
                premise.Holds();
                bool excused = guard.Process == operation.Process && MayTakeAway(operation, page);
                if (!excused && !step.After.HasGuard(guard.Process, page, page + 1))
                    return $"process {guard.Process} page 0x{page:x}: the guard marker is gone";
            }
        }
        foreach (GuardRun guard in step.After.Guards)
        {
            for (long page = guard.Page; page < guard.End; page++)
            {
                if (step.After.Find(guard.Process, page) is not null)
                    return $"process {guard.Process} page 0x{page:x}: a guard marker and a mapping";
                if (!step.Before.HasGuard(guard.Process, page, page + 1) && !MayBring(step, guard.Process, page))
                    return $"process {guard.Process} page 0x{page:x}: a guard marker that nobody put there";
            }
        }
        return Missing(step);
    }

    /// <summary>What a successful call must have done in its range.</summary>
    private static string? Missing(in Step step)
    {
        Operation operation = step.Operation;
        if (step.Outcome != Outcome.Ok || operation.Length <= 0)
            return null;
        bool installs = operation.Kind == OperationKind.Madvise && operation.Advice == Advice.GuardInstall;
        bool clears = operation.Kind is OperationKind.Munmap or OperationKind.Mmap or OperationKind.MmapFile
            || operation.Kind == OperationKind.Madvise && operation.Advice == Advice.GuardRemove;
        if (clears && step.After.HasGuard(operation.Process, operation.Address, operation.End))
            return "a guard marker is left in the range";
        for (long page = operation.Address; installs && page < operation.End; page++)
        {
            if (!step.After.HasGuard(operation.Process, page, page + 1))
                return $"page 0x{page:x} has no guard marker";
        }
        return operation.Kind == OperationKind.Mremap ? NotMoved(step) : null;
    }

    private static string? NotMoved(in Step step)
    {
        Operation operation = step.Operation;
        if ((operation.MremapFlags & MremapFlags.Fixed) == 0)
            return null;
        long end = operation.Address + Math.Min(operation.Length, operation.NewLength);
        foreach (GuardRun guard in step.Before.Guards)
        {
            for (long page = Math.Max(guard.Page, operation.Address); guard.Process == operation.Process && page < Math.Min(guard.End, end); page++)
            {
                long there = page - operation.Address + operation.NewAddress;
                if (!step.After.HasGuard(operation.Process, there, there + 1) || step.After.HasGuard(operation.Process, page, page + 1))
                    return $"the guard marker of page 0x{page:x} did not move to 0x{there:x}";
            }
        }
        return null;
    }

    private static bool MayTakeAway(in Operation operation, long page) => operation.Kind switch
    {
        OperationKind.Exit => true,
        OperationKind.Munmap or OperationKind.Mmap or OperationKind.MmapFile => Within(page, operation.Address, operation.Length),
        OperationKind.Madvise => operation.Advice == Advice.GuardRemove && Within(page, operation.Address, operation.Length),
        OperationKind.Mremap => Within(page, operation.Address, operation.Length) || Within(page, operation.NewAddress, operation.NewLength),
        _ => false,
    };

    private static bool MayBring(in Step step, int process, long page)
    {
        Operation operation = step.Operation;
        return operation.Kind switch
        {
            OperationKind.Fork => process == operation.Child && step.Before.HasGuard(operation.Process, page, page + 1),
            OperationKind.Mremap => process == operation.Process && Within(page, operation.NewAddress, operation.NewLength)
                && step.Before.HasGuard(process, page - operation.NewAddress + operation.Address, page - operation.NewAddress + operation.Address + 1),
            OperationKind.Madvise => process == operation.Process && operation.Advice == Advice.GuardInstall && Within(page, operation.Address, operation.Length),
            _ => false,
        };
    }

    private static bool Within(long page, long start, long length) => page >= start && page - start < length;
}
