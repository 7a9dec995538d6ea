using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>Which order a fault maps, and what keeps it from a larger one (SPECIFICATION.md 4.1).</summary>
public static class FaultFeatures
{
    /// <summary>Large machines have more frames than a case uses up.</summary>
    private static readonly MachineChoice[] _fewFrames = [MachineChoice.Default, MachineChoice.Tiny];

    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new StepFeature("fault of the largest order", "A store maps a folio of the largest order that faults map.", [Write], scene =>
            Order(scene) == scene.Machine.LargestPteOrder),
        new StepFeature("fault of a middle order", "A store maps a large folio, though not of the largest order that faults map.", [Write], scene =>
            Order(scene) is int order && order > 0 && order < scene.Machine.LargestPteOrder) with
        { PromisedOn = [MachineChoice.Default, MachineChoice.Large] },
        new StepFeature("fault falls back one order", "A store gets a smaller folio because an allocation of one order failed.", [Write], scene => FallsBack(scene, 1)),
        new StepFeature("fault falls back two orders", "A store gets a smaller folio because allocations of two orders failed.", [Write], scene => FallsBack(scene, 2)) with
        { FollowsFrom = "two orders in one call", Favoured = ["write", "fail_allocation", "fail_allocation", "madvise DONTNEED"], PromisedOn = [MachineChoice.Default] },
        new StepFeature("fault falls back to a smaller large folio", "A store gets a large folio although an allocation of a larger order failed.", [Write], scene =>
            FallsBack(scene, 1) && Order(scene) > 0) with
        { FollowsFrom = "fault falls back one order", Favoured = ["write", "fail_allocation"], PromisedOn = [MachineChoice.Default, MachineChoice.Large] },
        new StepFeature("no aligned block although enough is free", "An allocation fails while as many frames are free as it needs: not one aligned block of them.", [Write], Fragmented) with
        { PromisedOn = _fewFrames, FollowsFrom = "frames run out", Favoured = ["write", "madvise DONTNEED"] },
        new StepFeature("frames run out", "A call gets some frames, and then there is none left.", [WriteRange, Madvise, Mlock, Pin], scene =>
            scene.Outcome.Kind == OutcomeKind.OutOfMemory && scene.Before.FreeFrames > 0 && scene.After.FreeFrames == 0) with
        { PromisedOn = _fewFrames },
        new StepFeature("block taken by another page", "A store gets a smaller folio because a page of a folio lies in the larger block.", [Write], scene =>
            HeldBack(scene) is Hindrance.Page),
        new StepFeature("block taken by the zero page", "A store gets a smaller folio because the zero page lies in the larger block.", [Write], scene =>
            HeldBack(scene) is Hindrance.ZeroPage),
        new StepFeature("guard marker inside a large-folio block", "A store gets a smaller folio because a guard marker lies in the larger block.", [Write], scene =>
            HeldBack(scene) is Hindrance.Guard),
        new StepFeature("block beyond the VMA", "A store gets a smaller folio because the larger block goes beyond the VMA.", [Write], scene =>
            HeldBack(scene) is Hindrance.VmaEnd),
        new StepFeature("registered memory faults page by page", "A store gets one page because the memory is registered with userfaultfd.", [Write], scene =>
            HeldBack(scene) is Hindrance.Registered),
        new StepFeature("disabled process faults page by page", "A store gets one page because large folios are disabled for the process.", [Write], scene =>
            HeldBack(scene) is Hindrance.Disabled),
        new StepFeature("zero page replaced", "A store finds the zero page and puts a page of its own there.", [Write], scene =>
            scene.Outcome == Outcome.Ok && scene.EntryBefore is { IsZeroPage: true } && scene.EntryAfter is { IsZeroPage: false }),
        new StepFeature("two orders in one call", "One call faults in large folios of two orders.", [WriteRange, Madvise, Mlock], scene =>
            scene.Orders(statistics => statistics.AnonFaultAlloc) >= 2) with
        { PromisedOn = [MachineChoice.Default, MachineChoice.Large] },
        new StepFeature("populate around what is there", "POPULATE_WRITE faults in a large folio in a range where something was mapped already.", [Madvise], scene =>
            scene.Advises(Advice.PopulateWrite) && scene.Rose(statistics => statistics.AnonFaultAlloc) && AnyMapped(scene)),
        new StepFeature("mlock faults in a large folio", "An mlock populates memory with a large folio.", [Mlock], scene => scene.Rose(statistics => statistics.AnonFaultAlloc)),
        new StepFeature("pin faults in a large folio", "A pin for writing populates memory with a large folio.", [Pin], scene => scene.Rose(statistics => statistics.AnonFaultAlloc)),
    ];

    private enum Hindrance
    {
        None,
        Page,
        ZeroPage,
        Guard,
        VmaEnd,
        Registered,
        Disabled,
    }

    /// <summary>The order that a store into nothing mapped; null for other operations.</summary>
    private static int? Order(Scene scene) =>
        scene.Outcome == Outcome.Ok && scene.EntryBefore is null && scene.EntryAfter is { IsZeroPage: false } entry ? scene.After.Folios[entry.Folio].State.Order : null;

    private static bool FallsBack(Scene scene, int orders) => Order(scene) is not null && scene.Orders(statistics => statistics.AnonFaultFallback) >= orders;

    private static bool Fragmented(Scene scene)
    {
        for (int order = Machine.SmallestLargeOrder; order <= scene.Machine.LargestPteOrder; order++)
        {
            if (scene.Before.FreeFrames >= 1L << order && scene.Rise(order, statistics => statistics.AnonFaultFallback) > 0 && !HasFreeBlock(scene, 1 << order))
                return true;
        }
        return false;
    }

    private static bool HasFreeBlock(Scene scene, int size)
    {
        var taken = new HashSet<int>();
        foreach (FolioView folio in scene.Before.Folios)
        {
            for (int frame = folio.State.Frame / size * size; frame < folio.State.Frame + folio.Pages; frame += size)
                taken.Add(frame);
        }
        return taken.Count < scene.Machine.Frames / size;
    }

    /// <summary>Why a store into nothing did not get the largest order that policy allows to its VMA.</summary>
    private static Hindrance HeldBack(Scene scene)
    {
        if (Order(scene) is not int order || scene.Rose(statistics => statistics.AnonFaultFallback))
            return Hindrance.None;
        VmaView vma = scene.Before.FindVma(scene.Operation.Process, scene.Operation.Address)!.Value;
        int allowed = LargestAllowed(scene, vma);
        if (allowed <= order)
            return Hindrance.None;
        long size = 1L << allowed;
        long start = scene.Operation.Address / size * size;
        if (start < vma.Start || start + size > vma.End)
            return Hindrance.VmaEnd;
        if (scene.Before.HasGuard(scene.Operation.Process, start, start + size))
            return Hindrance.Guard;
        Hindrance mapped = WhatIsMapped(scene, start, start + size);
        if (mapped != Hindrance.None)
            return mapped;
        if ((vma.Flags & VmaFlags.UffdWp) != 0)
            return Hindrance.Registered;
        Vocabulary.ThpDisable disable = scene.Before.Processes.Find(process => process.Number == scene.Operation.Process).ThpDisable;
        if (disable == Vocabulary.ThpDisable.All || disable == Vocabulary.ThpDisable.ExceptAdvised && (vma.Flags & VmaFlags.HugePage) == 0)
            return Hindrance.Disabled;
        return Hindrance.None;
    }

    private static Hindrance WhatIsMapped(Scene scene, long start, long end)
    {
        var found = Hindrance.None;
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process != scene.Operation.Process || run.Page >= end || run.End <= start)
                continue;
            if (!run.IsZeroPage)
                return Hindrance.Page;
            found = Hindrance.ZeroPage;
        }
        return found;
    }

    /// <summary>The largest order that the settings allow to a VMA, whatever the process says.</summary>
    private static int LargestAllowed(Scene scene, in VmaView vma)
    {
        int order = scene.Machine.LargestPteOrder;
        while (order >= Machine.SmallestLargeOrder && !FaultProperties.Enabled(scene.Thp, order, vma.Flags, Vocabulary.ThpDisable.None))
            order--;
        return order < Machine.SmallestLargeOrder ? 0 : order;
    }

    private static bool AnyMapped(Scene scene)
    {
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process == scene.Operation.Process && run.Page < scene.Operation.End && scene.Operation.Address < run.End)
                return true;
        }
        return false;
    }
}
