using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>Entries that let nobody through so that somebody notices an access, and extensions that look at accesses (SPECIFICATION.md 17.26, 17.27).</summary>
public static class HintFeatures
{
    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new StepFeature("PMD mapping hinted", "NUMA hinting takes the rights of a PMD mapping.", [NumaHint], scene => After(scene, run => run.IsPmd)),
        new StepFeature("entries of a large folio hinted", "NUMA hinting takes the rights of entries of a large folio.", [NumaHint], scene =>
            After(scene, run => !run.IsPmd && scene.After.Folios[run.Folio].State.Order > 0)),
        new StepFeature("hinting a part splits a PMD mapping", "NUMA hinting of a part of a block splits its PMD mapping.", [NumaHint], scene => scene.After.Machine.SplitPmd > scene.Before.Machine.SplitPmd),
        new StepFeature("access restores a hinted PMD mapping", "A load or store gives a hinted PMD mapping its rights back.", [Read, Write], scene =>
            scene.EntryBefore is { IsPmd: true } before && (before.Bits & PteBits.ProtNone) != 0 && scene.EntryAfter is { IsPmd: true }) with
        { FollowsFrom = "PMD mapping hinted", Favoured = ["read", "write"] },
        new StepFeature("access restores hinted entries", "A load or store gives the hinted entries of a large folio their rights back.", [Read, Write], scene =>
            scene.EntryBefore is { IsPmd: false, IsZeroPage: false } before && IsHinted(scene, scene.Before, before) && scene.FolioBefore(before).State.Order > 0),
        new StepFeature("restored and still read-only", "A load gives hinted entries their rights back, but for writing, as the folio is shared.", [Read], scene =>
            scene.EntryBefore is { IsZeroPage: false } before && IsHinted(scene, scene.Before, before) && scene.EntryAfter is PteRun after && (after.Bits & (PteBits.Writable | PteBits.ProtNone)) == 0
            && (scene.After.Vmas[after.Vma].Protection & Protection.Write) != 0) with
        { FollowsFrom = "hinted entries forked", Favoured = ["read"] },
        new StepFeature("hinted entries forked", "A fork copies hinted entries as they are.", [Fork], scene =>
            scene.After.Runs.Exists(run => run.Process == scene.Operation.Child && !run.IsZeroPage && IsHinted(scene, scene.After, run))) with
        { FollowsFrom = "entries of a large folio hinted", Favoured = ["fork"] },
        new StepFeature("pin restores a hinted page", "A pin for writing gives hinted entries their rights back.", [Pin], scene =>
            scene.EntryBefore is { IsZeroPage: false } before && IsHinted(scene, scene.Before, before) && scene.EntryAfter is PteRun after && (after.Bits & PteBits.ProtNone) == 0) with
        { FollowsFrom = "entries of a large folio hinted", Favoured = ["pin"] },
        new StepFeature("collapse of hinted entries", "MADV_COLLAPSE or khugepaged makes a folio of hinted entries.", [Madvise, Khugepaged], scene =>
            scene.EntryBefore is { IsPmd: false, IsZeroPage: false } before && IsHinted(scene, scene.Before, before) && scene.EntryAfter is { IsPmd: true }) with
        { FollowsFrom = "entries of a large folio hinted", Favoured = ["madvise COLLAPSE"] },
        new StepFeature("folio zeroed lazily", "A store, with an extension, maps one entry of a folio of the PMD order and leaves the others without rights.", [Write], scene =>
            scene.EntryBefore is null && scene.EntryAfter is { IsPmd: false, IsZeroPage: false } after && scene.After.Folios[after.Folio].State.Order == scene.Machine.PmdOrder) with
        { PromisedOn = [MachineChoice.Default] },
        new StepFeature("access looked for", "A PMD mapping is split, with an extension, to see which of its pages are accessed.", [DetectAccess], _ => true) with
        { PromisedOn = [MachineChoice.Default], FollowsFrom = "fault maps a folio by a PMD", Favoured = ["detect_access"] },
    ];

    /// <summary>Entries of a folio that is zeroed lazily look alike and are none.</summary>
    private static bool IsHinted(Scene scene, MemoryState state, in PteRun run) =>
        (run.Bits & PteBits.ProtNone) != 0 && state.Vmas[run.Vma].Protection != Protection.None && (scene.Machine.Extensions & Extensions.LazyZeroing) == 0;

    private static bool After(Scene scene, Predicate<PteRun> sees) => scene.After.Runs.Exists(run =>
        run.Process == scene.Operation.Process && run.Page < scene.Operation.End && scene.Operation.Address < run.End && !run.IsZeroPage && IsHinted(scene, scene.After, run) && sees(run));
}
