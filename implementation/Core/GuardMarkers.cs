using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// MADV_GUARD_INSTALL and MADV_GUARD_REMOVE: markers in place of pages, which no access passes (SPECIFICATION.md 6.8, 17.16).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>madvise_guard_install. Each VMA is zapped by a call of its own, references included.</summary>
    private void InstallGuards(Process process, Vma vma, long from, long end)
    {
        _anonVmas.Prepare(process.Vmas, vma);
        vma.Flags |= VmaFlags.MaybeGuard;
        Zap(process, vma, from, end, keepGuards: true);
        FinishZap(process);
        PageTable table = process.Table;
        while (from < end)
        {
            int index = table.EntryOf(from);
            int count = (int)Math.Min(end - from, table.EntriesFrom(from));
            table.FindOrCreate(from).SetGuards(index, index + count);
            from += count;
        }
    }

    /// <summary>madvise_guard_remove: present entries are none of its business.</summary>
    private static void RemoveGuards(Process process, long from, long end)
    {
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
            range.Leaf.ClearGuards(range.From, range.End);
    }
}
