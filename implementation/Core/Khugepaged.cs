using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>khugepaged: a block is collapsed if policy wants it and it looks worthwhile (SPECIFICATION.md 8.6, 17.25).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>One block. Nobody hears of a failure.</summary>
    private Outcome Khugepaged(Process process, long page)
    {
        Vma? vma = process.Vmas.Find(page);
        if (vma?.AnonVma is not null && _orders.AllowsPmd(process.ThpDisable, vma, page))
            CollapseBlock(process, vma, process.Table.BlockOf(page), byKhugepaged: true);
        return Outcome.Ok;
    }

    /// <summary>
    /// max_ptes_none, max_ptes_shared, max_ptes_swap (an eighth of a block; guard markers are taken for swapped pages), and the accessed bits that
    /// hpage_collapse_scan_pmd wants to see.
    /// </summary>
    private bool IsWorthCollapsing(in BlockCensus census)
    {
        int entries = _machine.EntriesPerTable;
        int youngWanted = census.Guards > 0 ? entries / 2 : 1;
        return census.None <= _machine.MaxPtesNone && census.Shared <= _machine.MaxPtesShared
            && census.Guards <= entries / 8 && census.Young >= youngWanted;
    }
}
