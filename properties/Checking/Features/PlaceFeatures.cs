using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>How folios lie in the page tables once VMAs were cut and memory was moved (SPECIFICATION.md 12.1, 17.13).</summary>
public static class PlaceFeatures
{
    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new FolioFeature("folio straddles two leaf tables", "A process maps a large folio in two leaf tables.", (_, in folio) => Lies(folio, FolioPlace.TwoTables)),
        new FolioFeature("one folio under two VMAs", "A process maps a large folio under two VMAs.", (_, in folio) => Lies(folio, FolioPlace.TwoVmas)),
        new FolioFeature("one folio under two VMAs with different rights", "A process maps a large folio under two VMAs that have different rights.", (_, in folio) =>
            Lies(folio, FolioPlace.TwoRights)),
        new FolioFeature("folio at an unaligned address", "A large folio lies at an address that is no multiple of its size.", (_, in folio) => Lies(folio, FolioPlace.Unaligned)),
        new FolioFeature("folio torn apart", "Two pages of a large folio lie in a process at another distance than in the folio.", (_, in folio) => Lies(folio, FolioPlace.Torn)),
        new FolioFeature("folio interrupted", "Something else, or nothing, lies between two mapped pages of a large folio.", (_, in folio) => Lies(folio, FolioPlace.Interrupted)),
        new FolioFeature("folio at two addresses", "Two processes map a large folio at different addresses.", (_, in folio) => Lies(folio, FolioPlace.TwoPlaces)),
        new FolioFeature("straddling folio shared", "Two processes map a large folio that straddles leaf tables.", (_, in folio) =>
            Lies(folio, FolioPlace.TwoTables) && folio.Sharers >= 2),
        new FolioFeature("straddling folio partially mapped", "A large folio that straddles leaf tables is partially mapped.", (_, in folio) =>
            Lies(folio, FolioPlace.TwoTables) && folio.State.PartiallyMapped),
        Moves("part of a folio moved", "An mremap moves some pages of a large folio and leaves others.", (scene, run) =>
            scene.Before.Folios[run.Folio].State.Order > 0 && (run.Page < scene.Operation.Address || run.End > scene.Operation.End)),
        Moves("shared folio moved", "An mremap moves entries of a large folio that another process maps too.", (scene, run) =>
            scene.Before.Folios[run.Folio].State.Order > 0 && scene.Before.Sharers(run.Folio) >= 2),
        Moves("pinned folio moved", "An mremap moves entries of a pinned large folio.", (scene, run) => scene.Before.Folios[run.Folio].State.Pins > 0) with
        { FollowsFrom = "folio pinned twice", Favoured = ["mremap"] },
        Moves("partially mapped folio moved", "An mremap moves entries of a partially mapped folio.", (scene, run) => scene.Before.Folios[run.Folio].State.PartiallyMapped),
        new StepFeature("move over a large folio", "An mremap puts memory where a large folio was mapped.", [Mremap], scene =>
            scene.Outcome == Outcome.Ok && (scene.Operation.MremapFlags & MremapFlags.Fixed) != 0
            && AnyRun(scene, scene.Operation.NewAddress, scene.Operation.NewAddress + scene.Operation.NewLength, run => scene.Before.Folios[run.Folio].State.Order > 0)),
        new StepFeature("move that leaves empty memory", "An mremap with DONTUNMAP moves a folio and leaves its VMA.", [Mremap], scene =>
            scene.Outcome == Outcome.Ok && (scene.Operation.MremapFlags & MremapFlags.DontUnmap) != 0 && AnyRun(scene, scene.Operation.Address, scene.Operation.End, _ => true)),
        new StepFeature("move of several VMAs", "An mremap moves a range of more than one VMA.", [Mremap], scene =>
            scene.Outcome == Outcome.Ok && (scene.Operation.MremapFlags & MremapFlags.Fixed) != 0 && VmasIn(scene) >= 2),
        new StepFeature("growth in place over folios", "An mremap makes a VMA that holds a large folio longer where it is.", [Mremap], scene =>
            scene.Outcome == Outcome.Ok && scene.Operation.MremapFlags == MremapFlags.None && scene.Operation.NewLength > scene.Operation.Length
            && AnyRun(scene, scene.Operation.Address, scene.Operation.End, run => scene.Before.Folios[run.Folio].State.Order > 0)),
        new StepFeature("shrinking cuts a folio", "An mremap that shrinks memory unmaps a part of a large folio.", [Mremap], scene =>
            scene.Outcome == Outcome.Ok && scene.Operation.NewLength < scene.Operation.Length
            && AnyRun(scene, scene.Operation.Address + scene.Operation.NewLength, scene.Operation.End, run =>
                scene.Before.Folios[run.Folio].State.Order > 0 && run.Page < scene.Operation.Address + scene.Operation.NewLength)),
    ];

    private static bool Lies(in FolioFacts folio, FolioPlace place) => (folio.Place & place) != 0;

    private static StepFeature Moves(string name, string description, Func<Scene, PteRun, bool> sees) => new(name, description, [Mremap], scene =>
        scene.Outcome == Outcome.Ok && (scene.Operation.MremapFlags & MremapFlags.Fixed) != 0
        && AnyRun(scene, scene.Operation.Address, scene.Operation.Address + Math.Min(scene.Operation.Length, scene.Operation.NewLength), run => sees(scene, run)));

    /// <summary>Whether some run of folio pages that the process mapped in [start, end) before is so.</summary>
    private static bool AnyRun(Scene scene, long start, long end, Predicate<PteRun> sees)
    {
        foreach (PteRun run in scene.Before.Runs)
        {
            if (run.Process == scene.Operation.Process && !run.IsZeroPage && run.Page < end && start < run.End && sees(run))
                return true;
        }
        return false;
    }

    private static int VmasIn(Scene scene)
    {
        int vmas = 0;
        foreach (VmaView vma in scene.Before.Vmas)
        {
            if (vma.Process == scene.Operation.Process && vma.Start < scene.Operation.End && scene.Operation.Address < vma.End)
                vmas++;
        }
        return vmas;
    }
}
