using FolioCheck.Vocabulary;
using static FolioCheck.Vocabulary.OperationKind;

namespace FolioCheck.Properties;

/// <summary>Folios that are split on request or by the shrinker (SPECIFICATION.md 17.24).</summary>
public static class ShrinkFeatures
{
    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new StepFeature("folio split into large pieces", "A folio is split into large folios.", [SplitFolio], scene => scene.Operation.Order > 0),
        new StepFeature("folio under a PMD split", "A folio is split that a PMD maps.", [SplitFolio], scene => scene.EntryBefore is { IsPmd: true } && scene.EntryAfter is { IsPmd: false }),
        new StepFeature("folio under two PMDs split", "A folio is split that PMDs of two processes map.", [SplitFolio], scene =>
            scene.EntryBefore is { IsPmd: true } before && scene.EntryAfter is { IsPmd: false } && scene.Before.PmdMappings(before.Folio) >= 2) with
        { FollowsFrom = "PMD mapping shared by two", Favoured = ["split_folio"] },
        new StepFeature("shared folio split into large pieces", "A folio that two processes map is split into large folios.", [SplitFolio], scene =>
            scene.Operation.Order > 0 && scene.EntryBefore is { IsZeroPage: false } before && scene.EntryAfter is { IsZeroPage: false } after
            && scene.FolioBefore(before).State.Order > scene.After.Folios[after.Folio].State.Order && scene.Before.Sharers(before.Folio) >= 2) with
        { FollowsFrom = "folio split into large pieces", Favoured = ["fork", "split_folio"] },
        new StepFeature("mlocked folio split", "An mlocked folio is split.", [SplitFolio], scene =>
            scene.EntryBefore is { IsZeroPage: false } before && scene.EntryAfter is PteRun after && scene.FolioBefore(before).State.Mlocked
            && (after.IsZeroPage || scene.FolioBefore(before).State.Order > scene.After.Folios[after.Folio].State.Order)) with
        { FollowsFrom = "mlocked large folio", Favoured = ["split_folio"] },
        new StepFeature("piece of a large order mapped in part", "A split leaves a large piece of which some pages are mapped nowhere.", [SplitFolio], HasPartOfAPiece) with
        { FollowsFrom = "mapped in part by its only owner", Favoured = ["split_folio"] },
        new StepFeature("shrinker splits a partially mapped folio", "The shrinker splits a partially mapped folio.", [ShrinkDeferred], scene => Splits(scene) && scene.After.Machine.UnderusedSplit == scene.Before.Machine.UnderusedSplit),
        new StepFeature("shrinker splits an underused folio", "The shrinker splits a folio whose pages are mostly full of zeroes.", [ShrinkDeferred], scene =>
            scene.After.Machine.UnderusedSplit > scene.Before.Machine.UnderusedSplit) with
        { FollowsFrom = "underused folio", Favoured = ["shrink_deferred"] },
        new StepFeature("shrinker lets a used folio be", "A folio that is used enough leaves the deferred-split queue and stays whole.", [ShrinkDeferred], scene => !Splits(scene) && scene.After.Queue.Count < scene.Before.Queue.Count),
        new StepFeature("shrinker fails at a referenced folio", "The shrinker cannot split a partially mapped folio because somebody holds a reference.", [ShrinkDeferred], scene =>
            Rises(scene, statistics => statistics.SplitFailed)) with
        { FollowsFrom = "pinned folio partially mapped", Favoured = ["shrink_deferred"] },
        new StepFeature("shrinker splits two folios", "The shrinker splits two folios in one go.", [ShrinkDeferred], scene => scene.Before.Queue.Count >= 2 && SplitCount(scene) >= 2),
    ];

    private static bool Splits(Scene scene) => Rises(scene, statistics => statistics.Split);

    private static bool Rises(Scene scene, Func<OrderStatistics, long> counter) => scene.Rose(counter) || scene.Rise(scene.Machine.PmdOrder, counter) > 0;

    private static long SplitCount(Scene scene)
    {
        long splits = 0;
        for (int order = Machine.SmallestLargeOrder; order <= scene.Machine.PmdOrder; order++)
            splits += scene.Rise(order, statistics => statistics.Split);
        return splits;
    }

    private static bool HasPartOfAPiece(Scene scene)
    {
        if (scene.Operation.Order == 0)
            return false;
        foreach (ref readonly FolioFacts folio in scene.Folios)
        {
            if (folio.State.Order == scene.Operation.Order && folio.WholeSharers == 0 && folio.State.NrPagesMapped < folio.Pages && scene.Was(folio.State) is null)
                return true;
        }
        return false;
    }
}
