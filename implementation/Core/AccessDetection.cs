using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Extension: a PMD mapping gives way to entries that are old, so that it shows which pages are accessed (SPECIFICATION.md 17.27).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome DetectAccess(Process process, long page)
    {
        if (!Has(Extensions.AccessDetection))
            return Outcome.Error(Errno.EINVAL);
        if (process.Table.PmdAt(page) is not { IsZeroPage: false } pmd)
            return Outcome.Ok;
        long block = process.Table.BlockOf(page);
        SplitPmd(process, process.Vmas.Find(page)!, block);
        ClearYoungDirtyPtes(process, process.Table.Find(page)!, block, _machine.EntriesPerTable, dirtyToo: false);
        Emit(EventKind.PteCleaned, process, block, pmd.Frame, _machine.EntriesPerTable);
        Emit(EventKind.Flushed, process, 0, LeafTable.NoFrame, 0);
        return Outcome.Ok;
    }
}
