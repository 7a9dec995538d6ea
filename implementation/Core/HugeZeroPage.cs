using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// The huge zero page: a block of frames that every load may map where a PMD can be. A process that mapped it once holds it until it exits
/// (SPECIFICATION.md 17.22).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>First frame of the huge zero page, or <see cref="LeafTable.NoFrame"/> while there is none.</summary>
    private int _hugeZeroFrame = LeafTable.NoFrame;

    /// <summary>Processes that hold it.</summary>
    private int _hugeZeroHolders;

    /// <summary>thp_zero_page_alloc.</summary>
    private long _zeroPageAlloc;

    /// <summary>Maps the huge zero page. Returns false when there is none and none can be made.</summary>
    private bool HugeZeroPageFault(Process process, Vma vma, long block)
    {
        if (_hugeZeroFrame < 0 && !MakeHugeZeroPage())
            return false;
        HoldHugeZeroPage(process);
        process.Table.SetPmd(block, new PmdMapping(LeafTable.NoFrame, RightsBits(vma) | PteBits.Young));
        Emit(EventKind.PteWritten, process, block, LeafTable.NoFrame, _machine.EntriesPerTable);
        return true;
    }

    /// <summary>get_huge_zero_folio, the first time.</summary>
    private bool MakeHugeZeroPage()
    {
        if (TakePendingFailure(_machine.PmdOrder))
            return false;
        _hugeZeroFrame = _frames.Allocate(_machine.PmdOrder);
        if (_hugeZeroFrame < 0)
            return false;
        _zeroPageAlloc++;
        EmitFolio(EventKind.FolioAllocated, _hugeZeroFrame, _machine.EntriesPerTable);
        return true;
    }

    /// <summary>mm_get_huge_zero_folio: once a process, however often it maps it.</summary>
    private void HoldHugeZeroPage(Process process)
    {
        if (process.HoldsHugeZeroPage)
            return;
        process.HoldsHugeZeroPage = true;
        _hugeZeroHolders++;
    }

    /// <summary>mm_put_huge_zero_folio.</summary>
    private void LetHugeZeroPageGo(Process process)
    {
        if (!process.HoldsHugeZeroPage)
            return;
        process.HoldsHugeZeroPage = false;
        _hugeZeroHolders--;
    }

    /// <summary>do_huge_zero_wp_pmd: a folio of the process's own in place of the huge zero page. Returns false when none can be had.</summary>
    private bool ReplaceHugeZeroPage(Process process, Vma vma, long block)
    {
        int folio = AllocateForPmdFault();
        if (folio < 0)
            return false;
        Emit(EventKind.PteCleared, process, block, LeafTable.NoFrame, _machine.EntriesPerTable);
        Emit(EventKind.Flushed, process, block, LeafTable.NoFrame, _machine.EntriesPerTable);
        MapNewPmd(process, vma, block, folio);
        return true;
    }

    /// <summary>shrink_huge_zero_folio_scan: frees it if no process holds it.</summary>
    private Outcome ShrinkHugeZero()
    {
        if (_hugeZeroFrame < 0 || _hugeZeroHolders > 0)
            return Outcome.Ok;
        _frames.Free(_hugeZeroFrame, _machine.PmdOrder);
        EmitFolio(EventKind.FolioFreed, _hugeZeroFrame, _machine.EntriesPerTable);
        _hugeZeroFrame = LeafTable.NoFrame;
        return Outcome.Ok;
    }
}
