using FolioCheck.Vocabulary;
using static FolioCheck.Properties.CounterInvariants;

namespace FolioCheck.Properties;

/// <summary>What unmapping must do (SPECIFICATION.md 6).</summary>
public static class ZapProperties
{
    /// <summary>31: a zapped range is empty, everything else is as it was, and RSS falls by exactly what was mapped there.</summary>
    public static string? ZapsExactly(in Step step, Premise premise)
    {
        Operation operation = step.Operation;
        bool zaps = operation.Kind == OperationKind.Munmap
            || operation.Kind == OperationKind.Madvise && operation.Advice is Advice.DontNeed or Advice.DontNeedLocked or Advice.GuardInstall;
        if (!zaps || step.Outcome.Kind == OutcomeKind.NoProcess || step.Outcome == Outcome.Error(Errno.EINVAL) || operation.Length == 0)
            return null;
        long mapped = 0;
        foreach (PteRun run in step.Before.Runs)
        {
            if (run.Process == operation.Process && !run.IsZeroPage)
                mapped += Math.Max(0, Math.Min(run.End, operation.End) - Math.Max(run.Page, operation.Address));
        }
        if (mapped > 0)
            premise.Holds();
        foreach (PteRun run in step.After.Runs)
        {
            if (run.Process == operation.Process && run.Page < operation.End && operation.Address < run.End)
                return $"page 0x{Math.Max(run.Page, operation.Address):x} is still mapped";
        }
        long rssBefore = RssOf(step.Before, operation.Process);
        long rssAfter = RssOf(step.After, operation.Process);
        if (rssBefore - rssAfter != mapped)
            return $"rss fell by {rssBefore - rssAfter}, but {mapped} pages were mapped in the range";
        return EntriesOutsideChanged(step);
    }

    /// <summary>
    /// 32: a folio is newly marked partially mapped exactly when a page of it lost its last mapping while another page is still mapped
    /// (order 2 and up).
    /// </summary>
    public static string? PartialExactly(in Step step, Premise premise)
    {
        foreach (FolioView folio in step.After.Folios)
        {
            FolioState s = folio.State;
            if (s.Order == 0)
                continue;
            int mapped = MappedPages(step.After, folio);
            // A folio that only references keep alive stays as its last mapping left it.
            if (mapped == 0)
                continue;
            bool expected = s.Order >= 2 && mapped < folio.Pages;
            if (expected)
                premise.Holds();
            // Sticky once set, but in this slice an unmapped page is never mapped again, so mark and picture always agree.
            if (s.PartiallyMapped != expected)
                return $"folio {Name(folio)}: {mapped} of {folio.Pages} pages mapped, but {(s.PartiallyMapped ? "" : "not ")}marked partially mapped";
        }
        return null;
    }

    private static long RssOf(MemoryState state, int process)
    {
        foreach (ProcessView view in state.Processes)
        {
            if (view.Number == process)
                return view.RssAnon;
        }
        return 0;
    }

    private static string? EntriesOutsideChanged(in Step step)
    {
        Operation operation = step.Operation;
        foreach (PteRun run in step.Before.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                long page = run.Page + i;
                if (run.Process == operation.Process && page >= operation.Address && page < operation.End)
                    continue;
                long frame = run.IsZeroPage ? -1 : step.Before.Folios[run.Folio].State.Frame + run.Index + i;
                bool same = step.After.Find(run.Process, page) is PteRun now && now.Bits == run.Bits && step.After.FrameOf(now) == frame;
                if (!same)
                    return $"process {run.Process} page 0x{page:x}, outside the range, changed";
            }
        }
        return null;
    }
}
