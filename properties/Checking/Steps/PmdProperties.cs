using FolioCheck.Vocabulary;
using static FolioCheck.Properties.CounterInvariants;

namespace FolioCheck.Properties;

/// <summary>What changes of form must leave as it is: PMD mappings split, folios split, blocks collapsed (SPECIFICATION.md 8, 11.4, 11.5).</summary>
public static class PmdProperties
{
    /// <summary>33: where a PMD mapping gave way to entries every page is mapped as it was: same frame, same bits, unless the operation was about that page.</summary>
    public static string? SplitKeepsPages(in Step step, Premise premise)
    {
        if (step.After.Machine.SplitPmd == step.Before.Machine.SplitPmd || SplitsFolios(step.Operation) || step.Operation.Kind == OperationKind.Exit)
            return null;
        foreach (PteRun run in step.Before.Runs)
        {
            for (int i = 0; run.IsPmd && i < run.Count; i++)
            {
                PteRun before = run with { Page = run.Page + i, Count = 1, Index = run.IsZeroPage ? 0 : run.Index + i };
                if (IsAbout(step.Operation, before.Process, before.Page))
                    continue;
                if (step.After.Find(before.Process, before.Page) is not PteRun after)
                    return $"process {before.Process} page 0x{before.Page:x} is not mapped any more";
                if (after.IsPmd)
                    continue;
                premise.Holds();
                bool forked = step.Operation.Kind == OperationKind.Fork;
                if (step.After.FrameOf(after) != step.Before.FrameOf(before) || !forked && !after.HasBitsOf(before))
                    return $"process {before.Process} page 0x{before.Page:x} was {before.Bits} and is {after.Bits}, or its frame changed";
            }
        }
        return null;
    }

    private static bool SplitsFolios(in Operation operation) =>
        operation.Kind is OperationKind.SplitFolio or OperationKind.ShrinkDeferred or OperationKind.Mremap or OperationKind.DetectAccess
        || operation.Kind == OperationKind.Madvise && operation.Advice is Advice.Free or Advice.Cold;

    private static bool IsAbout(in Operation operation, int process, long page)
    {
        // A single page has length 1; what names no range is about everything its process has.
        bool everywhere = operation.Kind is OperationKind.ClearSoftDirty;
        return process == operation.Process && (everywhere || page >= operation.Address && page < operation.End);
    }

    /// <summary>34: a folio that is split, into whatever pieces, leaves every page at its frame, unless it is full of zeroes and reads as the zero page now.</summary>
    public static string? FolioSplitKeepsPages(in Step step, Premise premise)
    {
        if (step.Operation.Kind is not (OperationKind.SplitFolio or OperationKind.ShrinkDeferred))
            return null;
        foreach (PteRun run in step.Before.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                PteRun before = run with { Page = run.Page + i, Count = 1, Index = run.IsZeroPage ? 0 : run.Index + i };
                if (step.After.Find(before.Process, before.Page) is not PteRun after)
                    return $"process {before.Process} page 0x{before.Page:x} is not mapped any more";
                if (before.IsZeroPage != after.IsZeroPage)
                    premise.Holds();
                bool empty = after.IsZeroPage && !before.IsZeroPage && step.Before.Token(step.Before.Folios[before.Folio], before.Index) == 0;
                if (!empty && step.After.FrameOf(after) != step.Before.FrameOf(before))
                    return $"process {before.Process} page 0x{before.Page:x} was at frame {step.Before.FrameOf(before)} and is at {step.After.FrameOf(after)}";
                if ((after.Bits & ~before.Bits & PteBits.Writable) != 0)
                    return $"process {before.Process} page 0x{before.Page:x} became writable";
                if (!after.IsZeroPage && (after.Bits & PteBits.Writable) != (before.Bits & PteBits.Writable))
                    return $"process {before.Process} page 0x{before.Page:x} is not writable any more";
            }
        }
        return null;
    }

    /// <summary>
    /// 40: after a collapse that succeeded a PMD maps every whole block of the range, own and writable where the VMA allows stores; every page reads as before, RSS grew by the holes, and
    /// nobody else's entries changed.
    /// </summary>
    public static string? CollapseCopies(in Step step, Premise premise)
    {
        Operation operation = step.Operation;
        bool collapses = operation.Kind == OperationKind.Madvise && operation.Advice == Advice.Collapse && step.Outcome == Outcome.Ok;
        if (!collapses)
            return null;
        int size = step.Machine.EntriesPerTable;
        long holes = 0;
        for (long first = (operation.Address + size - 1) / size * size; first + size <= operation.End; first += size)
        {
            if (step.Before.FindVma(operation.Process, first) is not VmaView vma || first + size > vma.End)
                continue;
            premise.Holds();
            if (Collapsed(step, first, vma, ref holes) is string wrong)
                return wrong;
        }
        long grown = Rss(step.After, operation.Process) - Rss(step.Before, operation.Process);
        return grown == holes ? OthersChanged(step) : $"rss grew by {grown}, but {holes} pages were not mapped before";
    }

    private static string? Collapsed(in Step step, long first, in VmaView vma, ref long holes)
    {
        int process = step.Operation.Process;
        if (step.Before.Find(process, first) is PteRun huge && huge.IsPmd)
            return null;
        if (step.After.Find(process, first) is not PteRun head || !head.IsPmd || head.IsZeroPage)
            return $"block 0x{first:x} is not mapped by a PMD";
        FolioView folio = step.After.Folios[head.Folio];
        bool writable = (vma.Protection & Protection.Write) != 0;
        // What is mapped again where it is may be shared still.
        bool inPlace = (step.Machine.Extensions & Extensions.InPlaceCollapse) != 0;
        if (!inPlace && (((head.Bits & PteBits.Writable) != 0) != writable || !step.After.IsExclusive(folio, 0) || folio.State.Mapcount != 1))
            return $"block 0x{first:x} is {head.Bits}, folio {Name(folio)} has {folio.State.Mapcount} mappings";
        for (int i = 0; i < folio.Pages; i++)
        {
            PteRun? before = step.Before.Find(process, first + i);
            bool mapped = before is PteRun old && !old.IsZeroPage;
            holes += mapped ? 0 : 1;
            int token = mapped ? step.Before.Token(step.Before.Folios[before!.Value.Folio], before.Value.Index) : 0;
            if (step.After.Token(folio, i) != token)
                return $"page 0x{first + i:x} held {token} and holds {step.After.Token(folio, i)}";
        }
        return null;
    }

    private static string? OthersChanged(in Step step)
    {
        foreach (PteRun run in step.Before.Runs)
        {
            for (int i = 0; run.Process != step.Operation.Process && i < run.Count; i++)
            {
                PteRun before = run with { Page = run.Page + i, Count = 1, Index = run.IsZeroPage ? 0 : run.Index + i };
                bool migrates = (step.Machine.Extensions & Extensions.ReformByMigration) != 0;
                bool same = step.After.Find(before.Process, before.Page) is PteRun after && after.Bits == before.Bits
                    && (migrates || step.After.FrameOf(after) == step.Before.FrameOf(before));
                if (!same)
                    return $"process {before.Process} page 0x{before.Page:x}, of somebody else, changed";
            }
        }
        return null;
    }

    private static long Rss(MemoryState state, int process) => state.Processes.Find(view => view.Number == process).RssAnon;

    /// <summary>69: of the folios that the shrinker looked at none stays partially mapped, unless somebody refers to it.</summary>
    public static string? ShrinkerSplits(in Step step, Premise premise)
    {
        if (step.Operation.Kind != OperationKind.ShrinkDeferred)
            return null;
        for (int place = 0; place < Math.Min(step.Operation.Length, step.Before.Queue.Count); place++)
        {
            FolioView before = step.Before.Folios[step.Before.Queue[place]];
            if (!before.State.PartiallyMapped || before.State.References != before.State.Mapcount)
                continue;
            premise.Holds();
            foreach (FolioView after in step.After.Folios)
            {
                if (after.State.Frame == before.State.Frame && after.State.Order > 0)
                    return $"folio {Name(before)} is still there";
            }
        }
        return null;
    }
}
