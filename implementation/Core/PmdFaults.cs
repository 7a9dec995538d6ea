using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Faults that a PMD mapping answers: do_huge_pmd_anonymous_page where nothing is, do_huge_pmd_wp_page where one is that is not writable
/// (SPECIFICATION.md 4.2, 4.4, 17.22).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>The PMD mapping of a page, made by a fault if nothing is in its block yet and one may be; null where entries map.</summary>
    private PmdMapping? PmdOrFault(Process process, Vma vma, long page, bool write)
    {
        PageTable table = process.Table;
        if (table.PmdAt(page) is { } pmd)
            return pmd;
        return table.Find(page) is null && PmdFault(process, vma, page, write) ? table.PmdAt(page) : null;
    }

    /// <summary>A fault in a block without a leaf table. Returns false when it has to go on with entries.</summary>
    private bool PmdFault(Process process, Vma vma, long page, bool write)
    {
        if (!_orders.AllowsPmd(process.ThpDisable, vma, page))
            return false;
        _anonVmas.Prepare(process.Vmas, vma);
        long block = process.Table.BlockOf(page);
        if (!write && _machine.UseZeroPage)
            return HugeZeroPageFault(process, vma, block);
        int folio = AllocateForPmdFault();
        if (folio < 0)
            return false;
        if (write && Has(Extensions.LazyZeroing))
            MapNewLazily(process, vma, page, folio);
        else
            MapNewPmd(process, vma, block, folio);
        return true;
    }

    /// <summary>A folio of the PMD order for a fault, or -1.</summary>
    private int AllocateForPmdFault()
    {
        int folio = Allocate(_machine.PmdOrder);
        if (folio < 0)
            _folios.Statistics[_machine.PmdOrder].AnonFaultFallback++;
        else
            _folios.Statistics[_machine.PmdOrder].AnonFaultAlloc++;
        return folio;
    }

    /// <summary>map_anon_folio_pmd: a fresh folio behind a PMD, exclusive and dirty; the shrinker may find it underused one day.</summary>
    private void MapNewPmd(Process process, Vma vma, long block, int folio)
    {
        _folios.Index[folio] = block + vma.Offset;
        _rmap.AddNewPmd(folio, process);
        if (vma.IsLocked)
            MlockFolio(folio);
        Emit(EventKind.MapcountUp, process, block, folio, 1);
        var pmd = new PmdMapping(folio, RightsBits(vma) | PteBits.Young);
        MarkWritten(vma, pmd);
        process.Table.SetPmd(block, pmd);
        Emit(EventKind.PteWritten, process, block, folio, _machine.EntriesPerTable);
        _folios.Deferred.Append(folio);
    }

    /// <summary>What the rights of a VMA alone make of an entry: without any it is there, but nobody gets through.</summary>
    private static PteBits RightsBits(Vma vma) => vma.Protection == Protection.None ? PteBits.ProtNone : PteBits.None;

    /// <summary>maybe_pmd_mkwrite(pmd_mkdirty(...)): a PMD mapping as a write fault leaves it.</summary>
    private void MarkWritten(Vma vma, PmdMapping pmd)
    {
        pmd.Set(PteBits.Dirty | PteBits.Young);
        if (vma.MayWrite)
            pmd.Set(PteBits.Writable);
        if (_machine.SoftDirty)
            pmd.Set(PteBits.SoftDirty);
    }

    /// <summary>
    /// A write fault on a PMD mapping that is not writable. Returns null when the mapping was split, and the fault goes on at its entry.
    /// </summary>
    private FaultResult? PmdWriteFault(Process process, Vma vma, long page, PmdMapping pmd)
    {
        if (pmd.Has(PteBits.ProtNone) && vma.Protection != Protection.None)
            return WriteFaultAfterHint(process, vma, page);
        if (vma.HasUffdWp && pmd.Has(PteBits.UffdWp))
            return FaultResult.WriteProtected;
        long block = process.Table.BlockOf(page);
        if (MakePmdExclusive(process, vma, block, pmd))
        {
            if (pmd.IsZeroPage)
                return FaultResult.Done;
            MarkWritten(vma, pmd);
            Emit(EventKind.PteWritten, process, block, pmd.Frame, _machine.EntriesPerTable);
            return FaultResult.Done;
        }
        SplitPmd(process, vma, block);
        return null;
    }

    /// <summary>
    /// The first half of do_huge_pmd_wp_page, for those who store and those who unshare: the huge zero page gives way to a folio; a folio that nothing else
    /// refers to is the process's own. Returns false when neither can be.
    /// </summary>
    private bool MakePmdExclusive(Process process, Vma vma, long block, PmdMapping pmd)
    {
        if (pmd.IsZeroPage)
            return ReplaceHugeZeroPage(process, vma, block);
        if (!_folios.AnonExclusive[pmd.Frame] && _folios.References[pmd.Frame] != 1)
            return false;
        _folios.AnonExclusive.Set(pmd.Frame);
        return true;
    }
}
