using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>States of PMD mappings, of their folios, of the huge zero page and of tables (SPECIFICATION.md 17.22).</summary>
public static class PmdFeatures
{
    /// <summary>The features.</summary>
    public static IReadOnlyList<StateFeature> All { get; } =
    [
        new FolioFeature("by a PMD here, by entries there", "One process maps a folio by a PMD, another by entries.", (_, in folio) => folio.PmdSharers > 0 && folio.Sharers > folio.PmdSharers),
        new FolioFeature("by a PMD here, a part of it there", "One process maps a folio by a PMD, another some of its pages.", (_, in folio) => folio.PmdSharers > 0 && folio.PartSharers > 0),
        new FolioFeature("PMD mapping shared by two", "Two processes map a folio by a PMD.", (_, in folio) => folio.PmdSharers >= 2),
        new FolioFeature("PMD mapping shared by three", "Three processes map a folio by a PMD.", (_, in folio) => folio.PmdSharers >= 3),
        new FolioFeature("folio of the PMD order by entries", "Only entries map a folio that a PMD could map.", (scene, in folio) =>
            OfPmdOrder(scene, folio) && folio.PmdSharers == 0 && folio.WholeSharers > 0),
        new FolioFeature("folio of the PMD order partially mapped", "A folio of the PMD order is partially mapped.", (scene, in folio) => OfPmdOrder(scene, folio) && folio.State.PartiallyMapped),
        new FolioFeature("folio of the PMD order partially mapped and shared", "Two processes map a partially mapped folio of the PMD order.", (scene, in folio) =>
            OfPmdOrder(scene, folio) && folio.State.PartiallyMapped && folio.Sharers >= 2),
        new FolioFeature("pinned under a PMD", "A PMD maps a pinned folio.", (_, in folio) => folio.PmdSharers > 0 && folio.State.Pins > 0),
        new FolioFeature("referred to under a PMD", "A PMD maps a folio that somebody refers to without a pin.", (_, in folio) =>
            folio.PmdSharers > 0 && folio.State.Pins == 0 && folio.State.References > folio.State.Mapcount),
        new FolioFeature("mlocked under a PMD", "A PMD maps an mlocked folio.", (_, in folio) => folio.PmdSharers > 0 && folio.State.Mlocked),
        new FolioFeature("lazily freed under a PMD", "A PMD maps a lazily freeable folio.", (_, in folio) => folio.PmdSharers > 0 && !folio.State.SwapBacked),
        new FolioFeature("PMD mapping alone and not exclusive", "One PMD alone maps a folio, and nobody knows that it is alone.", (scene, in folio) =>
            folio.PmdSharers == 1 && folio.Sharers == 1 && !scene.After.IsExclusive(scene.After.Folios[folio.Id], 0)),
        new FolioFeature("PMD mapping with a stale shared mark", "One PMD alone maps a folio that is still marked as maybe shared.", (_, in folio) =>
            folio.PmdSharers == 1 && folio.Sharers == 1 && folio.State.MaybeMappedShared) with
        { FollowsFrom = "PMD mapping shared by three", Favoured = ["exit", "madvise DONTNEED"] },
        new FolioFeature("underused folio", "More pages of a folio of the PMD order are full of zeroes than khugepaged would add.", IsUnderused),
        State("PMD mapping write-protected by userfaultfd", "userfaultfd write-protects a PMD mapping of a folio.", (_, run) => !run.IsZeroPage && (run.Bits & PteBits.UffdWp) != 0),
        State("PMD mapping without rights", "A PMD mapping of a folio lies in memory that may not be accessed.", (scene, run) =>
            !run.IsZeroPage && (run.Bits & PteBits.ProtNone) != 0 && scene.After.Vmas[run.Vma].Protection == Protection.None),
        State("PMD mapping not soft-dirty", "A PMD mapping is not soft-dirty although that is tracked.", (scene, run) =>
            scene.Machine.SoftDirty && !run.IsZeroPage && (run.Bits & PteBits.SoftDirty) == 0),
        State("huge zero page mapped", "A PMD maps the huge zero page.", (_, run) => run.IsZeroPage),
        State("huge zero page write-protected by userfaultfd", "userfaultfd write-protects a mapping of the huge zero page.", (_, run) => run.IsZeroPage && (run.Bits & PteBits.UffdWp) != 0) with
        { FollowsFrom = "huge zero page mapped", Favoured = ["uffd_wp"] },
        State("huge zero page in locked memory", "A mapping of the huge zero page lies in locked memory.", (scene, run) =>
            run.IsZeroPage && (scene.After.Vmas[run.Vma].Flags & VmaFlags.Locked) != 0),
        new StepFeature("huge zero page of two processes", "PMDs of two processes map the huge zero page.", Any, scene =>
            scene.After.Runs.Exists(run => IsHugeZero(run) && scene.After.Runs.Exists(other => IsHugeZero(other) && other.Process != run.Process))),
        new StepFeature("huge zero page held and mapped nowhere", "A process holds the huge zero page although nothing maps it any more.", Any, scene =>
            scene.After.Machine.HugeZeroFrame >= 0 && !scene.After.Runs.Exists(IsHugeZero)),
        new StepFeature("two PMD mappings side by side", "Two PMDs of one VMA, one after the other, map folios.", Any, SideBySide),
        new StepFeature("table without entries", "A process has a leaf table in which there is nothing.", Any, HasEmptyTable),
    ];

    private static OperationKind[] Any => Enum.GetValues<OperationKind>();

    private static bool IsHugeZero(PteRun run) => run.IsPmd && run.IsZeroPage;

    private static StepFeature State(string name, string description, Func<Scene, PteRun, bool> sees) =>
        new(name, description, Any, scene => scene.After.Runs.Exists(run => run.IsPmd && sees(scene, run)));

    private static bool OfPmdOrder(Scene scene, in FolioFacts folio) => folio.State.Order == scene.Machine.PmdOrder;

    private static bool IsUnderused(Scene scene, in FolioFacts folio)
    {
        if (!OfPmdOrder(scene, folio) || !folio.State.Queued || folio.State.PartiallyMapped || scene.Machine.MaxPtesNone >= folio.Pages - 1)
            return false;
        int empty = 0;
        for (int page = 0; page < folio.Pages; page++)
            empty += scene.After.Token(scene.After.Folios[folio.Id], page) == 0 ? 1 : 0;
        return empty > scene.Machine.MaxPtesNone;
    }

    private static bool SideBySide(Scene scene)
    {
        for (int i = 1; i < scene.After.Runs.Count; i++)
        {
            PteRun run = scene.After.Runs[i];
            PteRun before = scene.After.Runs[i - 1];
            if (run.IsPmd && before.IsPmd && !run.IsZeroPage && !before.IsZeroPage && run.Vma == before.Vma && before.End == run.Page)
                return true;
        }
        return false;
    }

    private static bool HasEmptyTable(Scene scene)
    {
        int table = scene.Machine.EntriesPerTable;
        foreach (ProcessView process in scene.After.Processes)
        {
            var used = new HashSet<long>();
            foreach (PteRun run in scene.After.Runs)
            {
                for (long block = run.Page / table; run.Process == process.Number && block <= (run.End - 1) / table; block++)
                    used.Add(block);
            }
            foreach (GuardRun guard in scene.After.Guards)
            {
                for (long block = guard.Page / table; guard.Process == process.Number && block <= (guard.End - 1) / table; block++)
                    used.Add(block);
            }
            if (process.PageTables > used.Count)
                return true;
        }
        return false;
    }
}
