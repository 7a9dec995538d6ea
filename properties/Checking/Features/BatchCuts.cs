using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What ends the batches of a walk (SPECIFICATION.md 17.6), or would end those of a careless one.</summary>
[Flags]
public enum BatchCuts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The folio goes on in the next VMA.</summary>
    VmaEnd = 1,

    /// <summary>The folio goes on in the next leaf table.</summary>
    TableEnd = 2,

    /// <summary>The folio began before the walked range.</summary>
    RangeStart = 4,

    /// <summary>The folio goes on after the walked range.</summary>
    RangeEnd = 8,

    /// <summary>The next entry differs in userfaultfd's write-protection.</summary>
    UffdWp = 16,

    /// <summary>The next entry differs in being dirty.</summary>
    Dirty = 32,

    /// <summary>The next entry differs in being writable.</summary>
    Writable = 64,

    /// <summary>The next entry differs in being soft-dirty.</summary>
    SoftDirty = 128,

    /// <summary>Entries without a page lie between two pages of the folio.</summary>
    Hole = 256,

    /// <summary>Another folio lies between two pages of the folio.</summary>
    OtherFolio = 512,

    /// <summary>The zero page follows.</summary>
    ZeroPage = 1024,

    /// <summary>Another folio follows in the next frame: the entries look like a run.</summary>
    AdjacentFrames = 2048,

    /// <summary>The same folio follows, but not its next page.</summary>
    OtherPage = 4096,

    /// <summary>Nothing: the batch is a whole folio of the largest order.</summary>
    LargestFolio = 8192,

    /// <summary>Nothing: one batch is longer than a word of 64 entries.</summary>
    LongerThanAWord = 16384,

    /// <summary>A small folio is followed by another in the next frame.</summary>
    SmallNeighbours = 32768,

    /// <summary>The next entry differs in being writable, but not in being dirty.</summary>
    WritableOnly = 65536,

    /// <summary>The next entry differs in being dirty, but not in being writable.</summary>
    DirtyOnly = 131072,
}

/// <summary>Which pages an operation walks in batches, and what cuts them there.</summary>
internal static class BatchWalk
{
    /// <summary>What cuts the batches of the operation; nothing if it walks none.</summary>
    public static BatchCuts CutsOf(Scene scene)
    {
        (long start, long end) = Range(scene.Operation);
        var cuts = BatchCuts.None;
        List<PteRun> runs = scene.Before.Runs;
        int previous = -1;
        int beforePrevious = -1;
        for (int i = 0; i < runs.Count; i++)
        {
            PteRun run = runs[i];
            if (run.Process != scene.Operation.Process || run.End <= start || run.Page >= end || !IsWalked(scene, run))
                continue;
            cuts |= Within(scene, run, start, end);
            if (previous >= 0)
                cuts |= Between(scene, runs[previous], run, neighbours: previous == i - 1);
            if (beforePrevious >= 0 && !run.IsZeroPage && Continues(runs[beforePrevious], run) && runs[previous].Folio != run.Folio)
                cuts |= BatchCuts.OtherFolio;
            (beforePrevious, previous) = (previous, i);
        }
        return cuts;
    }

    private static (long Start, long End) Range(in Operation operation) =>
        operation.Kind is OperationKind.Fork or OperationKind.Exit ? (0, long.MaxValue) : (operation.Address, operation.End);

    /// <summary>fork leaves some VMAs out, mprotect those that have the rights.</summary>
    private static bool IsWalked(Scene scene, in PteRun run) => scene.Operation.Kind switch
    {
        OperationKind.Fork => (scene.Before.Vmas[run.Vma].Flags & (VmaFlags.DontFork | VmaFlags.WipeOnFork)) == 0,
        OperationKind.Mprotect => scene.Before.Vmas[run.Vma].Protection != scene.Operation.Protection,
        _ => true,
    };

    private static BatchCuts Within(Scene scene, in PteRun run, long start, long end)
    {
        if (run.IsZeroPage || scene.Before.Folios[run.Folio].State.Order == 0)
            return BatchCuts.None;
        var cuts = BatchCuts.None;
        int table = scene.Machine.EntriesPerTable;
        if (run.Page < start)
            cuts |= BatchCuts.RangeStart;
        if (run.End > end)
            cuts |= BatchCuts.RangeEnd;
        long first = Math.Max(run.Page, start);
        long last = Math.Min(run.End, end) - 1;
        if (first / table != last / table)
            cuts |= BatchCuts.TableEnd;
        else if (last - first + 1 == 1L << scene.Machine.LargestPteOrder)
            cuts |= BatchCuts.LargestFolio;
        if (first / table == last / table && last - first >= 64)
            cuts |= BatchCuts.LongerThanAWord;
        return cuts;
    }

    private static BatchCuts Between(Scene scene, in PteRun left, in PteRun right, bool neighbours)
    {
        if (left.IsZeroPage || !neighbours)
            return BatchCuts.None;
        if (Continues(left, right))
            return left.End == right.Page ? Difference(scene, left, right) : BatchCuts.Hole;
        if (left.End != right.Page || left.Vma != right.Vma || right.Page % scene.Machine.EntriesPerTable == 0)
            return BatchCuts.None;
        if (right.IsZeroPage)
            return BatchCuts.ZeroPage;
        if (left.Folio == right.Folio)
            return BatchCuts.OtherPage;
        if (left.Bits != right.Bits || scene.Before.FrameOf(left) + left.Count != scene.Before.FrameOf(right))
            return BatchCuts.None;
        bool small = scene.Before.Folios[left.Folio].State.Order == 0 && scene.Before.Folios[right.Folio].State.Order == 0;
        return small ? BatchCuts.SmallNeighbours : BatchCuts.AdjacentFrames;
    }

    private static bool Continues(in PteRun left, in PteRun right) =>
        left.Folio == right.Folio && !left.IsZeroPage && right.Page - left.Page == right.Index - left.Index;

    private static BatchCuts Difference(Scene scene, in PteRun left, in PteRun right)
    {
        if (right.Page % scene.Machine.EntriesPerTable == 0)
            return BatchCuts.TableEnd;
        if (left.Vma != right.Vma)
            return BatchCuts.VmaEnd;
        PteBits differ = left.Bits ^ right.Bits;
        if ((differ & PteBits.UffdWp) != 0)
            return BatchCuts.UffdWp;
        var cuts = BatchCuts.None;
        if ((differ & PteBits.SoftDirty) != 0 && (scene.Before.Vmas[left.Vma].Flags & VmaFlags.SoftDirty) == 0)
            cuts |= BatchCuts.SoftDirty;
        bool dirty = (differ & PteBits.Dirty) != 0;
        bool writable = (differ & PteBits.Writable) != 0;
        if (dirty)
            cuts |= writable ? BatchCuts.Dirty : BatchCuts.Dirty | BatchCuts.DirtyOnly;
        if (writable)
            cuts |= dirty ? BatchCuts.Writable : BatchCuts.Writable | BatchCuts.WritableOnly;
        return cuts;
    }
}
