using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>References, pins and locks on large folios (SPECIFICATION.md 5.9, 6.6, 17.14, 17.15, 17.19).</summary>
public static class HoldFeatures
{
    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new FolioFeature("pin outlives the mapping", "Nothing maps a pinned large folio any more.", (_, in folio) => folio.State is { Pins: > 0, Mapcount: 0 }),
        new FolioFeature("reference outlives the mapping", "Nothing maps a large folio any more that somebody refers to without a pin.", (_, in folio) => folio.State is { Pins: 0, Mapcount: 0 }),
        new FolioFeature("pinned folio shared", "Two processes map a pinned large folio.", (_, in folio) => folio.State.Pins > 0 && folio.Sharers >= 2),
        new FolioFeature("pinned folio partially mapped", "A pinned large folio is partially mapped.", (_, in folio) => folio.State is { Pins: > 0, PartiallyMapped: true }),
        new FolioFeature("folio pinned twice", "A large folio has two pins.", (_, in folio) => folio.State.Pins >= 2),
        new StepFeature("pin breaks sharing", "A pin for writing copies a page that was shared.", [Pin], scene => Copies(scene)),
        new StepFeature("read pin unshares by copying", "A pin for reading copies a page that was shared.", [PinRead, ReadRemote], Copies),
        new StepFeature("read pin unshares in place", "A pin for reading makes pages AnonExclusive where they are.", [PinRead, ReadRemote], ExclusiveInPlace),
        new StepFeature("forced store copies a shared page", "A store by force copies a page that may not be written.", [ForceWrite], scene =>
            scene.EntryBefore is { IsZeroPage: false } before && scene.EntryAfter is PteRun after && scene.Before.FrameOf(before) != scene.After.FrameOf(after)
            && scene.FolioBefore(before).State.Order > 0),
        new StepFeature("forced store into a large folio in place", "A store by force writes a page of a large folio in its place that the process itself may not write.", [ForceWrite], scene =>
            scene.EntryBefore is { IsZeroPage: false } before && scene.EntryAfter is PteRun after && scene.Before.FrameOf(before) == scene.After.FrameOf(after)
            && scene.FolioBefore(before).State.Order > 0 && (after.Bits & PteBits.Writable) == 0) with
        { FollowsFrom = "one folio under two VMAs with different rights", Favoured = ["force_write", "mprotect"] },
        new FolioFeature("mlocked large folio", "A large folio is mlocked.", (_, in folio) => folio.State.Mlocked),
        new FolioFeature("folio mlocked twice", "Two processes, or two calls, count as having mlocked a large folio.", (_, in folio) => folio.State.MlockCount >= 2) with
        { FollowsFrom = "mlocked folio forked", Favoured = ["mlock_onfault"] },
        new FolioFeature("in locked memory and not mlocked", "A large folio lies in locked memory without being mlocked, because no walk met all of it.", (_, in folio) =>
            !folio.State.Mlocked && (folio.SomeFlags & VmaFlags.Locked) != 0),
        new FolioFeature("part of a folio in locked memory", "Some entries of a large folio are in locked memory, and some are not.", (_, in folio) => (folio.Place & FolioPlace.PartLocked) != 0),
        new StepFeature("mlock ends inside a folio", "An mlock locks a part of a large folio.", [Mlock, MlockOnFault], scene =>
            (scene.Cuts & (BatchCuts.RangeEnd | BatchCuts.RangeStart)) != 0),
        new StepFeature("unmapping a part lets go of an mlocked folio", "A large folio is not mlocked any more because a part of it was unmapped.", [Munmap, Madvise, Write, OperationKind.Mmap, Mremap], scene =>
            Unlocked(scene)),
    ];

    private static bool Copies(Scene scene)
    {
        for (int i = 0; i < Math.Min(64, scene.Operation.Length); i++)
        {
            long page = scene.Operation.Address + i;
            if (scene.Before.Find(scene.Operation.Process, page) is { IsZeroPage: false } before && scene.After.Find(scene.Operation.Process, page) is PteRun after
                && scene.Before.FrameOf(before) != scene.After.FrameOf(after))
                return true;
        }
        return false;
    }

    private static bool ExclusiveInPlace(Scene scene)
    {
        for (int i = 0; i < Math.Min(64, scene.Operation.Length); i++)
        {
            long page = scene.Operation.Address + i;
            if (scene.Before.Find(scene.Operation.Process, page) is { IsZeroPage: false } before && scene.After.Find(scene.Operation.Process, page) is PteRun after
                && scene.Before.FrameOf(before) == scene.After.FrameOf(after)
                && !scene.Before.IsExclusive(scene.Before.Folios[before.Folio], before.Index) && scene.After.IsExclusive(scene.After.Folios[after.Folio], after.Index))
                return true;
        }
        return false;
    }

    private static bool Unlocked(Scene scene)
    {
        foreach (ref readonly FolioFacts folio in scene.Folios)
        {
            if (folio.State is { Order: > 0, Mlocked: false, PartiallyMapped: true } && scene.Was(folio.State) is { State: { Mlocked: true, PartiallyMapped: false } })
                return true;
        }
        return false;
    }
}
