using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What pins promise (SPECIFICATION.md 5.9, 17.14, 17.19).</summary>
public static class PinProperties
{
    private readonly record struct PinnedPage(int Process, int Handle, long Page, long Frame);

    /// <summary>74: while a pin is held its process maps the pinned page, whatever it stores and whoever forks, until it takes the page away itself.</summary>
    public static StepCheck PinsHold()
    {
        var pinned = new SortedSet<PinnedPage>(Comparer<PinnedPage>.Create(InOrder));
        return (in Step step, Premise premise) =>
        {
            Operation operation = step.Operation;
            MemoryState after = step.After;
            bool released = operation.Kind == OperationKind.Unpin && step.Outcome == Outcome.Ok;
            pinned.RemoveWhere(page => page.Process == operation.Process
                && (operation.Kind == OperationKind.Exit || released && page.Handle == operation.Handle || MayTakeAway(operation, page.Page)));
            premise.Holds(pinned.Count);
            foreach (PinnedPage page in pinned)
            {
                long frame = after.Find(page.Process, page.Page) is PteRun entry ? after.FrameOf(entry) : -1;
                if (frame != page.Frame)
                    return $"process {page.Process} pinned frame {page.Frame} at page 0x{page.Page:x}, which maps frame {frame} now";
            }
            if (operation.Kind is OperationKind.Pin or OperationKind.PinRead && step.Outcome == Outcome.Ok)
            {
                for (long page = operation.Address; page < operation.End; page++)
                    pinned.Add(new PinnedPage(operation.Process, operation.Handle, page, after.FrameOf(after.Find(operation.Process, page)!.Value)));
            }
            return null;
        };
    }

    private static int InOrder(PinnedPage one, PinnedPage other) =>
        (one.Process, one.Handle, one.Page, one.Frame).CompareTo((other.Process, other.Handle, other.Page, other.Frame));

    private static bool MayTakeAway(in Operation operation, long page)
    {
        bool takes = operation.Kind is OperationKind.Munmap or OperationKind.Mmap or OperationKind.MmapFile or OperationKind.Mremap
            || operation.Kind == OperationKind.Madvise && operation.Advice is Advice.DontNeed or Advice.DontNeedLocked or Advice.GuardInstall;
        bool lost = operation.Kind == OperationKind.Mremap && page >= operation.NewAddress && page - operation.NewAddress < operation.NewLength;
        return takes && (lost || page >= operation.Address && page - operation.Address < operation.Length);
    }

    /// <summary>77: what was pinned is present and the process's own; it reads as before, and pages that were its own already stayed where they were.</summary>
    public static string? PinsOwnPages(in Step step, Premise premise)
    {
        Operation operation = step.Operation;
        if (operation.Kind is not (OperationKind.Pin or OperationKind.PinRead) || step.Outcome != Outcome.Ok)
            return null;
        for (long page = operation.Address; page < operation.End; page++)
        {
            premise.Holds();
            if (step.After.Find(operation.Process, page) is not PteRun after || after.IsZeroPage)
                return $"page 0x{page:x} was pinned, but no folio is mapped there";
            FolioView folio = step.After.Folios[after.Folio];
            if (!step.After.IsExclusive(folio, after.MarkedPage(0)))
                return $"page 0x{page:x} was pinned, but is not AnonExclusive";
            PteRun? before = step.Before.Find(operation.Process, page);
            int token = before is PteRun old && !old.IsZeroPage ? step.Before.Token(step.Before.Folios[old.Folio], old.Index) : 0;
            if (step.After.Token(folio, after.Index) != token)
                return $"page 0x{page:x} held {token} before it was pinned";
            bool own = before is PteRun entry && !entry.IsZeroPage && step.Before.IsExclusive(step.Before.Folios[entry.Folio], entry.MarkedPage(0));
            if (own && step.Before.FrameOf(before!.Value) != step.After.FrameOf(after))
                return $"page 0x{page:x} was the process's own, and was copied";
        }
        return FaultProperties.OtherTranslationsChanged(step, operation.Process, operation.Address, operation.End);
    }
}
