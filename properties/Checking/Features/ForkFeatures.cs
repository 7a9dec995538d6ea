using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>What a fork finds and what it copies, shares or leaves out (SPECIFICATION.md 5.7).</summary>
public static class ForkFeatures
{
    private const VmaFlags LeftOut = VmaFlags.DontFork | VmaFlags.WipeOnFork;

    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        Meets("pinned folio forked page by page", "A fork copies the AnonExclusive pages of a large folio because it is pinned.", (scene, run) =>
            scene.FolioBefore(run).State is { Order: > 0, Pins: > 0 } && run.Count > 1 && AllExclusive(scene, run)),
        Meets("pinned folio forked, some pages shared", "A fork copies some pages of a pinned large folio and shares others.", (scene, run) =>
            scene.FolioBefore(run).State is { Order: > 0, Pins: > 0 } && !AllExclusive(scene, run) && OwnsAPage(scene, run.Folio)) with
        { FollowsFrom = "exclusive pages beside others of one owner", Favoured = ["pin", "fork"] },
        Meets("pinned small page forked", "A fork copies a small page because it is pinned.", (scene, run) =>
            scene.FolioBefore(run).State is { Order: 0, References: >= 1024 } && AllExclusive(scene, run)),
        Meets("partially mapped folio forked", "A fork shares what is left of a partially mapped folio.", (scene, run) => scene.FolioBefore(run).State.PartiallyMapped),
        Meets("lazily freed folio forked", "A fork shares a lazily freeable large folio.", (scene, run) => scene.FolioBefore(run).State is { Order: > 0, SwapBacked: false }),
        Meets("mlocked folio forked", "A fork shares an mlocked large folio with a child that does not lock it.", (scene, run) =>
            scene.FolioBefore(run).State is { Order: > 0, Mlocked: true }),
        Meets("PROT_NONE entries forked", "A fork copies entries of a large folio that let nobody through.", (scene, run) =>
            scene.FolioBefore(run).State.Order > 0 && (run.Bits & PteBits.ProtNone) != 0),
        Meets("write-protected entries forked", "A fork copies entries that userfaultfd write-protects, for a child that it does not.", (_, run) => (run.Bits & PteBits.UffdWp) != 0),
        Meets("stale shared mark forked", "A fork shares a large folio whose mark was stale.", (scene, run) =>
            scene.FolioBefore(run).State is { Order: > 0, MaybeMappedShared: true } && scene.Before.Sharers(run.Folio) == 1),
        new StepFeature("fork leaves out a part of a folio", "A fork shares a part of a large folio; the rest is in memory that children do not get, or get empty.", [Fork], LeavesOutAPart),
        new StepFeature("guard markers forked", "A fork copies guard markers.", [Fork], scene => Succeeds(scene) && scene.After.HasGuard(scene.Operation.Child, 0, long.MaxValue)),
        new StepFeature("zero page forked", "A fork copies entries of the zero page.", [Fork], scene => Succeeds(scene) && scene.After.Runs.Exists(run =>
            run.Process == scene.Operation.Child && run.IsZeroPage)),
        new StepFeature("zero page not forked", "A fork leaves the zero page of memory that was never written to be faulted again.", [Fork], scene =>
            Succeeds(scene) && scene.Before.Runs.Exists(run => run.Process == scene.Operation.Process && run.IsZeroPage
                && scene.Before.Vmas[run.Vma] is { AnonVma: < 0 } vma && (vma.Flags & (LeftOut | VmaFlags.MaybeGuard)) == 0)),
        new StepFeature("fork out of frames", "A fork is given up midway because a pinned page cannot be copied.", [Fork], scene =>
            scene.Outcome.Kind == OutcomeKind.OutOfMemory) with
        { PromisedOn = [MachineChoice.Default, MachineChoice.Tiny], FollowsFrom = "frames run out", Favoured = ["pin", "fork"] },
        new StepFeature("fork of a child", "A process forks that shares a large folio already.", [Fork], scene =>
            Succeeds(scene) && scene.Before.Runs.Exists(run => run.Process == scene.Operation.Process && !run.IsZeroPage
                && scene.Before.Folios[run.Folio].State.Order > 0 && scene.Before.Sharers(run.Folio) >= 2)),
    ];

    private static bool Succeeds(Scene scene) => scene.Outcome == Outcome.Ok;

    private static StepFeature Meets(string name, string description, Func<Scene, PteRun, bool> sees) => new(name, description, [Fork], scene =>
    {
        if (!Succeeds(scene))
            return false;
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process == scene.Operation.Process && !run.IsZeroPage && (scene.Before.Vmas[run.Vma].Flags & LeftOut) == 0 && sees(scene, run))
                return true;
        }
        return false;
    });

    private static bool OwnsAPage(Scene scene, int folio)
    {
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process == scene.Operation.Process && run.Folio == folio && Exclusive(scene, run) > 0)
                return true;
        }
        return false;
    }

    private static bool AllExclusive(Scene scene, in PteRun run) => Exclusive(scene, run) == run.Count;

    private static int Exclusive(Scene scene, in PteRun run)
    {
        FolioView folio = scene.FolioBefore(run);
        int exclusive = 0;
        for (int i = 0; i < run.Count; i++)
        {
            if (scene.Before.IsExclusive(folio, run.Index + i))
                exclusive++;
        }
        return exclusive;
    }

    private static bool LeavesOutAPart(Scene scene)
    {
        if (!Succeeds(scene))
            return false;
        List<PteRun> runs = scene.Before.Runs;
        for (int i = 0; i + 1 < runs.Count; i++)
        {
            bool sameFolio = runs[i].Process == scene.Operation.Process && runs[i + 1].Process == runs[i].Process && runs[i].Folio == runs[i + 1].Folio && !runs[i].IsZeroPage;
            if (sameFolio && IsLeftOut(scene, runs[i]) != IsLeftOut(scene, runs[i + 1]))
                return true;
        }
        return false;
    }

    private static bool IsLeftOut(Scene scene, in PteRun run) => (scene.Before.Vmas[run.Vma].Flags & LeftOut) != 0;
}
