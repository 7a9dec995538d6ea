using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What must not depend on the architecture (SPECIFICATION.md 13b, 61).</summary>
public static class ArchLaws
{
    /// <summary>
    /// 61: x86 and arm64 come to the same state, but for young and dirty, what is derived from them, and deferred-split marks and counters, which follow from the lengths of batches. What
    /// asks for a batch as long as a folio, for young, for the queue, or counts batches, is left out.
    /// </summary>
    public static string? FoldingDoesNotShow(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        Machine machine = scenario.Machine with { SoftDirty = false };
        var plain = new World(factory, machine with { Arch = Arch.X86, AccessFlags = AccessFlags.Hardware, Bbml2 = false });
        var folding = new World(factory, machine with { Arch = Arch.Arm64 });
        var mask = new Mask { Ignore = Ignore.YoungDirty | Ignore.DeferredSplit };
        foreach (Operation operation in scenario.Operations)
        {
            if (DependsOnBatches(operation))
                continue;
            Outcome one = plain.Apply(operation);
            Outcome two = folding.Apply(operation);
            if (one != two)
                return $"{OperationText.Line(operation)}: {one} on x86, {two} on arm64";
            MemoryState state = folding.State();
            foreach (PteRun run in state.Runs)
                premise.Holds(run.IsContiguous ? 1 : 0);
            if (mask.Difference(plain.State(), state) is string wrong)
                return $"after {OperationText.Line(operation)}, arm64 against x86: {wrong}";
        }
        return null;
    }

    private static bool DependsOnBatches(in Operation operation) => operation.Kind switch
    {
        OperationKind.Mlock or OperationKind.MlockOnFault or OperationKind.ShrinkDeferred or OperationKind.Khugepaged => true,
        OperationKind.Madvise => operation.Advice is Advice.Free or Advice.Cold,
        _ => false,
    };
}
