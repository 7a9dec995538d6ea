using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Laws of fork and exit (SPECIFICATION.md 13b, 45-47, 57).</summary>
public static class ForkLaws
{
    /// <summary>45: fork and the child's exit leave the parent as it was, but for write bits and AnonExclusive; the shared mark goes back too.</summary>
    public static string? ForkThenExit(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        var world = new World(factory, scenario);
        MemoryState before = world.State();
        RandomChoices choices = LawChoices.Of(scenario);
        if (LawChoices.MappingProcess(before, choices) is not int parent)
            return null;
        int child = LawChoices.FreeNumber(before);
        if (world.Apply(Operation.Fork(parent, child)).Kind != OutcomeKind.Ok)
            return null;
        premise.Holds();
        world.Apply(Operation.Exit(child));
        MemoryState after = world.State();
        foreach (FolioView folio in before.Folios)
        {
            // The child may have been the only one to look at a stale mark; it never sets one that stays.
            if (after.Folios[folio.State.Id].State.MaybeMappedShared && !folio.State.MaybeMappedShared)
                return $"folio {Picture.Letter(folio.State.Id)} is marked shared after fork and exit, and was not before";
        }
        // A PMD mapping of a pinned folio was split, so that its pages could be copied.
        Ignore pinnedSplit = after.Machine.SplitPmd == before.Machine.SplitPmd ? Ignore.Nothing : Ignore.PmdForm;
        return new Mask { Ignore = Ignore.WriteRights | Ignore.MaybeShared | pinnedSplit }.Difference(before, after);
    }

    /// <summary>
    /// 46: after fork and exit an anonymous folio that is tracked exactly (not marked shared, and small or mapped more than once) is reused by writes,
    /// page by page and without a copy; one that is marked shared, or of which one page is left, is copied at the first write.
    /// </summary>
    public static string? WritesAfterForkReuse(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        var world = new World(factory, scenario);
        RandomChoices choices = LawChoices.Of(scenario);
        MemoryState start = world.State();
        if (LawChoices.MappingProcess(start, choices) is not int parent)
            return null;
        int child = LawChoices.FreeNumber(start);
        if (world.Apply(Operation.Fork(parent, child)).Kind != OutcomeKind.Ok)
            return null;
        world.Apply(Operation.Exit(child));
        MemoryState before = world.State();
        // Stores into the file go to the file.
        foreach (FolioView folio in before.Folios.Where(folio => !folio.IsOfFile))
        {
            if (CheckFolio(world, before, folio, parent, premise) is string wrong)
                return wrong;
        }
        return null;
    }

    private static string? CheckFolio(World world, MemoryState before, in FolioView folio, int parent, Premise premise)
    {
        FolioState s = folio.State;
        bool reusable = s.Order == 0
            ? s.References == 1
            : s.Mapcount >= 2 && s.References == s.Mapcount && !s.MaybeMappedShared;
        // A PMD mapping is reused as a whole, if nobody else refers to the folio at all.
        if (s.EntireMapcount > 0)
            reusable = s.References == 1;
        // Only the first store says whether a folio that is shared is copied: it may leave the rest to the parent alone.
        var asked = new List<PteRun>();
        foreach (PteRun run in before.Runs)
        {
            if (run.Process != parent || run.Folio != s.Id || (before.Vmas[run.Vma].Protection & Protection.Write) == 0)
                continue;
            for (int i = 0; i < run.Count; i++)
            {
                PteRun entry = run with { Page = run.Page + i, Count = 1, Index = run.Index + i };
                if (world.Apply(Operation.Write(parent, entry.Page, before.Token(folio, entry.Index))).Kind != OutcomeKind.Ok)
                    return null;
                // A pinned page stayed the parent's own all along.
                if (before.IsExclusive(folio, entry.MarkedPage(0)))
                    continue;
                premise.Holds();
                if (asked.Count == 0 && !reusable && Kept(world.State(), before, entry))
                    return $"page 0x{entry.Page:x} of folio {Picture.Letter(s.Id)} (order {s.Order}) was reused, though the folio is shared, marked so, or a lone page";
                asked.Add(entry);
            }
        }
        if (!reusable || asked.Count == 0)
            return null;
        MemoryState after = world.State();
        foreach (PteRun entry in asked)
        {
            PteRun now = after.Find(parent, entry.Page)!.Value;
            if (!Kept(after, before, entry) || !after.IsExclusive(after.Folios[now.Folio], now.MarkedPage(0)))
                return $"page 0x{entry.Page:x} of folio {Picture.Letter(s.Id)} (order {s.Order}) was copied, though nobody else maps or tracks the folio";
        }
        return null;
    }

    private static bool Kept(MemoryState now, MemoryState before, in PteRun entry) => now.FrameOf(now.Find(entry.Process, entry.Page)!.Value) == before.FrameOf(entry);

    /// <summary>47: children that exit in any order leave the parent the same, but for slots and a stale shared mark.</summary>
    public static string? ExitOrder(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        var one = new World(factory, scenario);
        var two = new World(factory, scenario);
        MemoryState start = one.State();
        RandomChoices choices = LawChoices.Of(scenario);
        if (LawChoices.MappingProcess(start, choices) is not int parent)
            return null;
        var children = new List<int>();
        for (int number = 20; number < 23; number++)
        {
            if (one.Apply(Operation.Fork(parent, number)).Kind == OutcomeKind.Ok & two.Apply(Operation.Fork(parent, number)).Kind == OutcomeKind.Ok)
                children.Add(number);
        }
        if (children.Count < 3)
            return null;
        premise.Holds();
        int rotation = 1 + choices.Choose(2);
        for (int i = 0; i < 3; i++)
        {
            one.Apply(Operation.Exit(children[i]));
            two.Apply(Operation.Exit(children[(i + rotation) % 3]));
        }
        return new Mask { Ignore = Ignore.MmIds }.Difference(one.State(), two.State());
    }

    /// <summary>
    /// 57: one more reference turns every reuse of an anonymous page that is not AnonExclusive into a copy, leaves AnonExclusive ones alone, and moves nobody's
    /// other translations; when the reference is gone the page is reused as if it had never been.
    /// </summary>
    public static string? MoreReferencesMoreCopies(Scenario scenario, MemorySystemFactory factory, Premise premise)
    {
        const int Handle = 9000;
        var plain = new World(factory, scenario);
        var held = new World(factory, scenario);
        var released = new World(factory, scenario);
        MemoryState before = plain.State();
        RandomChoices choices = LawChoices.Of(scenario);
        PteRun[] runs = [.. before.Runs.Where(run => !run.IsZeroPage && !before.MapsFile(run) && before.Vmas[run.Vma].Protection == (Protection.Read | Protection.Write))];
        if (runs.Length == 0)
            return null;
        PteRun[] readOnly = [.. runs.Where(run => (run.Bits & PteBits.Writable) == 0)];
        PteRun[] candidates = readOnly.Length > 0 ? readOnly : runs;
        PteRun target = candidates[choices.Choose(candidates.Length)];
        int offset = choices.Choose(target.Count);
        long page = target.Page + offset;
        long frame = before.Folios[target.Folio].State.Frame + target.Index + offset;
        bool exclusive = before.IsExclusive(before.Folios[target.Folio], target.MarkedPage(offset));
        var get = Operation.Get(target.Process, Handle, page, 1);
        var write = Operation.Write(target.Process, page, 7);
        held.Apply(get);
        released.Apply([get, Operation.Put(target.Process, Handle)]);
        if (plain.Apply(write).Kind != OutcomeKind.Ok || held.Apply(write).Kind != OutcomeKind.Ok || released.Apply(write).Kind != OutcomeKind.Ok)
            return null;
        premise.Holds();
        MemoryState one = plain.State();
        MemoryState two = held.State();
        bool plainKept = one.FrameOf(one.Find(target.Process, page)!.Value) == frame;
        bool heldKept = two.FrameOf(two.Find(target.Process, page)!.Value) == frame;
        if (heldKept != exclusive)
            return $"page 0x{page:x}, {(exclusive ? "" : "not ")}AnonExclusive, was {(heldKept ? "reused" : "copied")} while one more reference was held";
        if (exclusive && !plainKept)
            return $"page 0x{page:x}, AnonExclusive, was copied";
        if (new Mask().Difference(one, released.State()) is string wrong)
            return $"a reference to page 0x{page:x} taken and dropped again shows after the write: {wrong}";
        return OthersStay(before, two, target.Process, page);
    }

    private static string? OthersStay(MemoryState before, MemoryState after, int process, long written)
    {
        foreach (PteRun run in before.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                long page = run.Page + i;
                if (run.Process == process && page == written)
                    continue;
                long frame = run.IsZeroPage ? -1 : before.Folios[run.Folio].State.Frame + run.Index + i;
                if (after.Find(run.Process, page) is not PteRun now || after.FrameOf(now) != frame)
                    return $"process {run.Process} page 0x{page:x} moved because page 0x{written:x} of process {process} was written";
            }
        }
        return null;
    }
}
