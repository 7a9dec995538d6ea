namespace FolioCheck.Reference;

/// <summary>Which blocks have a leaf table: where one is, nothing is mapped by a PMD at a fault (pte_alloc, free_pgtables, PT_RECLAIM; SPECIFICATION.md 17.22).</summary>
public sealed partial class ReferenceMemory
{
    private bool Overlaps(Vma vma, long block) =>
        block * _machine.EntriesPerTable < vma.End && vma.Start < (block + 1) * _machine.EntriesPerTable;

    /// <summary>free_pgtables: a table that no VMA needs goes.</summary>
    private void FreeTables(Process process) =>
        process.Tables.RemoveWhere(block => !process.Vmas.Values.Any(vma => Overlaps(vma, block)));

    /// <summary>MADV_DONTNEED of a whole table frees it, too, unless guard markers are left in it.</summary>
    private void ReclaimTables(Process process, long start, long end)
    {
        foreach (Vma vma in process.VmasIn(start, end))
        {
            long from = Math.Max(start, vma.Start);
            long to = Math.Min(end, vma.End);
            process.Tables.RemoveWhere(block =>
            {
                long first = block * _machine.EntriesPerTable;
                long last = first + _machine.EntriesPerTable;
                return from <= first && last <= to && process.IsNone(first, last);
            });
        }
    }
}
