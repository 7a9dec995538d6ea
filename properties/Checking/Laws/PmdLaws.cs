using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Laws of PMD mappings (SPECIFICATION.md 13b, 52).</summary>
public static class PmdLaws
{
    /// <summary>
    /// 52: splitting a PMD mapping and mapping the folio by a PMD again where it is are each other's reverse, but for young, dirty and soft-dirty. Both are extensions,
    /// which this law switches on. Scenarios seldom end with a PMD mapping: it looks after the last operation that leaves a block in use, and collapses such blocks first.
    /// </summary>
    public static string? SplitAndBack(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        Machine machine = scenario.Machine with { Extensions = scenario.Machine.Extensions | Extensions.InPlaceCollapse | Extensions.AccessDetection };
        var world = new World(factory, machine);
        world.Apply(scenario.Operations.Take(LengthToLastBlock(scenario, new World(factory, machine))));
        CollapseBlocks(world, machine);
        foreach (PteRun mapping in world.State().Runs.Where(run => run.IsPmd && !run.IsZeroPage && (run.Bits & PteBits.ProtNone) == 0))
        {
            if (ThereAndBack(world, mapping, premise) is string wrong)
                return wrong;
        }
        return null;
    }

    private static string? ThereAndBack(World world, in PteRun mapping, Premise premise)
    {
        var split = Operation.DetectAccess(mapping.Process, mapping.Page);
        var collapse = Operation.Madvise(mapping.Process, mapping.Page, mapping.Count, Advice.Collapse);
        MemoryState mapped = world.State();
        world.Apply(split);
        MemoryState entries = world.State();
        if (world.Apply(collapse) != Outcome.Ok)
            return null;
        premise.Holds();
        MemoryState again = world.State();
        world.Apply(split);
        MemoryState apart = world.State();
        world.Apply(collapse);
        // A process that was not tracked may be by now.
        var mask = new Mask { Ignore = Ignore.YoungDirty | Ignore.SoftDirty | Ignore.SplitPmds | Ignore.MmIds };
        if (mask.Difference(mapped, again) is string wrong)
            return $"block 0x{mapping.Page:x} of process {mapping.Process} split and collapsed in place: {wrong}";
        return mask.Difference(entries, apart) is string back ? $"block 0x{mapping.Page:x} of process {mapping.Process} collapsed in place and split: {back}" : null;
    }

    /// <summary>Operations up to the last one after which a VMA holds a whole block with a page in it; none if there is none.</summary>
    private static int LengthToLastBlock(Scenario scenario, World world)
    {
        int length = 0;
        for (int i = 0; i < scenario.Operations.Count; i++)
        {
            world.Apply(scenario.Operations[i]);
            MemoryState state = world.State();
            if (state.Runs.Exists(run => IsInBlock(state, run, scenario.Machine)))
                length = i + 1;
        }
        return length;
    }

    private static void CollapseBlocks(World world, Machine machine)
    {
        MemoryState state = world.State();
        long last = -1;
        foreach (PteRun run in state.Runs)
        {
            long block = BlockOf(run, machine);
            if (!run.IsPmd && block != last && IsInBlock(state, run, machine))
                world.Apply(Operation.Madvise(run.Process, block, machine.EntriesPerTable, Advice.Collapse));
            last = block;
        }
    }

    private static bool IsInBlock(MemoryState state, in PteRun run, Machine machine)
    {
        VmaView vma = state.Vmas[run.Vma];
        long block = BlockOf(run, machine);
        return vma.AnonVma >= 0 && (vma.Flags & VmaFlags.NoHugePage) == 0 && vma.Start <= block && block + machine.EntriesPerTable <= vma.End;
    }

    private static long BlockOf(in PteRun run, Machine machine) => run.Page / machine.EntriesPerTable * machine.EntriesPerTable;
}
