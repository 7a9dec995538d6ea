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
        if (!zaps || step.Outcome.Kind is OutcomeKind.NoProcess or OutcomeKind.NotModelled || step.Outcome == Outcome.Error(Errno.EINVAL) || operation.Length == 0)
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
    /// 32: an anonymous folio is newly marked partially mapped exactly when a page of it lost its last mapping while another page is still mapped
    /// (order 2 and up).
    /// </summary>
    public static string? PartialExactly(in Step step, Premise premise)
    {
        foreach (FolioView folio in step.After.Folios)
        {
            FolioState s = folio.State;
            int mapped = MappedPages(step.After, folio);
            // 16: what is of the file is never marked. A folio that only references keep alive stays as its last mapping left it.
            if (s.Order < 2 || mapped == 0 || folio.IsOfFile)
                continue;
            if (mapped < folio.Pages)
                premise.Holds();
            if (s.PartiallyMapped && mapped == folio.Pages)
                return $"folio {Name(folio)}: all pages mapped, but marked partially mapped";
            // The piece of a folio that was split may have begun with fewer pages mapped.
            int before = MappedBefore(step, s);
            if (mapped < before && !s.PartiallyMapped)
                return $"folio {Name(folio)}: {mapped} of {folio.Pages} pages mapped, {before} before, but not marked partially mapped";
        }
        return null;
    }

    private static int MappedBefore(in Step step, FolioState folio)
    {
        foreach (FolioView before in step.Before.Folios)
        {
            if (before.State.Frame == folio.Frame && before.State.Order == folio.Order)
                return MappedPages(step.Before, before);
        }
        return 0;
    }

    private static long RssOf(MemoryState state, int process)
    {
        foreach (ProcessView view in state.Processes)
        {
            if (view.Number == process)
                return view.RssAnon + view.RssFile;
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
                bool same = step.After.Find(run.Process, page) is PteRun now && now.HasBitsOf(run) && step.After.FrameOf(now) == frame;
                if (!same)
                    return $"process {run.Process} page 0x{page:x}, outside the range, changed";
            }
        }
        return null;
    }
}
