using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Laws of unmapping, freeing and batching (SPECIFICATION.md 13b, 48-50, 66).</summary>
public static class ZapLaws
{
    /// <summary>
    /// 48: walking one entry at a time gives the same states as walking batches, but for deferred-split marks and counters. Locking is left out, since
    /// munlock_folio counts batches, and so are soft-dirty bits, of which fork copies the first in a batch.
    /// </summary>
    public static string? BatchesEqualSingles(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        Machine machine = scenario.Machine with { SoftDirty = false };
        var batched = new World(factory, machine with { Batches = BatchPolicy.Kernel });
        var singles = new World(factory, machine with { Batches = BatchPolicy.Singles });
        // Changes of rights gather young and dirty over a batch; everything that is derived from them may differ afterwards.
        bool folds = machine.Arch == Arch.Arm64;
        var mask = new Mask { Ignore = folds ? Ignore.DeferredSplit | Ignore.YoungDirty : Ignore.DeferredSplit };
        foreach (Operation operation in scenario.Operations)
        {
            // What the queue holds, and what khugepaged takes for accessed, follows from batches.
            if (operation.Kind is OperationKind.Mlock or OperationKind.MlockOnFault or OperationKind.ShrinkDeferred or OperationKind.Khugepaged)
                continue;
            // Which blocks are folded follows from batches, and whether a folio is found whole follows from that.
            if (folds && operation.Kind == OperationKind.Madvise && operation.Advice is (Advice.Free or Advice.Cold))
                continue;
            Outcome one = batched.Apply(operation);
            Outcome two = singles.Apply(operation);
            if (one != two)
                return $"{OperationText.Line(operation)}: {one} in batches, {two} one by one";
            bool gathers = operation.Kind is OperationKind.Mprotect or OperationKind.UffdWriteProtect or OperationKind.UffdUnregister or OperationKind.NumaHint;
            if (gathers)
                mask = new Mask { Ignore = Ignore.DeferredSplit | Ignore.YoungDirty };
            bool walks = gathers
                || operation.Kind is OperationKind.Munmap or OperationKind.Mremap or OperationKind.Madvise or OperationKind.Fork or OperationKind.Exit;
            if (!walks)
                continue;
            premise.Holds();
            if (mask.Difference(batched.State(), singles.State()) is string wrong)
                return $"{OperationText.Line(operation)}: {wrong}";
        }
        return null;
    }

    /// <summary>49: zaps of two ranges commute, and equal one zap of both, but for deferred-split marks and counters.</summary>
    public static string? ZapsCommute(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        var forth = new World(factory, scenario);
        var back = new World(factory, scenario);
        var whole = new World(factory, scenario);
        MemoryState start = forth.State();
        RandomChoices choices = LawChoices.Of(scenario);
        VmaView[] vmas = [.. start.Vmas.Where(vma => vma.Length >= 2 && vma.Smaps.Rss >= 2 && (vma.Flags & VmaFlags.Locked) == 0)];
        if (vmas.Length == 0)
            return null;
        VmaView vma = vmas[choices.Choose(vmas.Length)];
        premise.Holds();
        long middle = vma.Start + 1 + choices.Choose((int)Math.Min(int.MaxValue, vma.Length - 1));
        var first = Operation.Madvise(vma.Process, vma.Start, middle - vma.Start, Advice.DontNeed);
        var second = Operation.Madvise(vma.Process, middle, vma.End - middle, Advice.DontNeed);
        forth.Apply([first, second]);
        back.Apply([second, first]);
        whole.Apply(Operation.Madvise(vma.Process, vma.Start, vma.Length, Advice.DontNeed));
        var mask = new Mask { Ignore = Ignore.DeferredSplit | Ignore.PageTables | Ignore.PmdForm };
        if (mask.Difference(forth.State(), back.State()) is string wrong)
            return $"zapping [0x{vma.Start:x}, 0x{middle:x}) and [0x{middle:x}, 0x{vma.End:x}) in the other order: {wrong}";
        return mask.Difference(forth.State(), whole.State()) is string split ? $"zapping [0x{vma.Start:x}, 0x{vma.End:x}) at once: {split}" : null;
    }

    /// <summary>50: zapping twice, and freeing twice, is the same as once.</summary>
    public static string? Idempotent(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        var world = new World(factory, scenario);
        MemoryState start = world.State();
        RandomChoices choices = LawChoices.Of(scenario);
        VmaView[] vmas = [.. start.Vmas.Where(vma => vma.Smaps.Rss > 0 && (vma.Flags & VmaFlags.Locked) == 0)];
        if (vmas.Length == 0)
            return null;
        VmaView vma = vmas[choices.Choose(vmas.Length)];
        long offset = choices.Choose((int)Math.Min(int.MaxValue, vma.Length));
        long length = 1 + choices.Choose((int)Math.Min(int.MaxValue, vma.Length - offset));
        foreach (Advice advice in new[] { Advice.Cold, Advice.Free, Advice.DontNeed })
        {
            var operation = Operation.Madvise(vma.Process, vma.Start + offset, length, advice);
            world.Apply(operation);
            MemoryState once = world.State();
            world.Apply(operation);
            premise.Holds();
            // A split that references forbid is tried, and counted, each time.
            if (new Mask { Ignore = Ignore.FailedSplits }.Difference(once, world.State()) is string wrong)
                return $"{OperationText.Line(operation)} a second time: {wrong}";
        }
        return null;
    }

    /// <summary>66: when every process has exited nothing is left but what the page cache has: no other folio, no mapping, every other frame free.</summary>
    public static string? NothingLeaks(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        var world = new World(factory, scenario);
        MemoryState start = world.State();
        if (start.Folios.Count > 0)
            premise.Holds();
        foreach (ProcessView process in start.Processes)
            world.Apply(Operation.Exit(process.Number));
        world.Apply(Operation.ShrinkHugeZero());
        MemoryState end = world.State();
        int left = end.Folios.Count(folio => folio.State.References != folio.CacheReferences);
        long mapped = end.AnonMapped + end.Machine.FileMapped;
        if (left > 0 || mapped != 0 || end.Queue.Count > 0)
            return $"after all exits {left} folios, {mapped} mapped pages and {end.Queue.Count} queued folios are left";
        long cached = end.Folios.Sum(folio => (long)folio.CacheReferences);
        if (end.FreeFrames + cached != scenario.Machine.Frames)
            return $"after all exits {scenario.Machine.Frames - end.FreeFrames} frames are still in use, {cached} of them by the page cache";
        foreach (OrderStatistics? statistics in end.Statistics)
        {
            if (statistics is { NrAnon: not 0 } or { NrAnonPartiallyMapped: not 0 })
                return $"after all exits nr_anon is {statistics.Value.NrAnon} and nr_anon_partially_mapped {statistics.Value.NrAnonPartiallyMapped}";
        }
        return null;
    }
}
