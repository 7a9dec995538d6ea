using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Folios and the huge zero page mapped by a PMD, as a whole (do_huge_pmd_anonymous_page, do_huge_pmd_wp_page; SPECIFICATION.md 4.2, 4.4, 17.22).</summary>
public sealed partial class ReferenceMemory
{
    private long _splitPmds;

    /// <summary>Number of the block around a page.</summary>
    private long BlockOf(long page) => page / _machine.EntriesPerTable;

    /// <summary>Changes the bits of the PMD mapping around a page.</summary>
    private void SetBits(Process process, long page, Func<Pte, Pte> change) =>
        process.PageTable.ChangePmd(BlockStart(page, _machine.PmdOrder), change);

    /// <summary>Writes a PMD mapping; what it replaces goes.</summary>
    private void MapPmd(Process process, long first, Pte pte)
    {
        process.PageTable.SetPmd(first, pte);
        process.Tables.Add(BlockOf(first));
    }

    /// <summary>do_huge_pmd_anonymous_page, where there is not even a leaf table. False: entries must do.</summary>
    private bool PmdFault(Process process, Vma vma, long page, bool write)
    {
        long first = BlockStart(page, _machine.PmdOrder);
        bool fits = vma.Covers(first, first + _machine.EntriesPerTable) && IsAllowed(process, vma, _machine.PmdOrder);
        if (!fits || process.Tables.Contains(BlockOf(page)))
            return false;
        PrepareAnonVma(process, vma);
        if (!write && _machine.UseZeroPage)
            return MapHugeZero(process, vma, first);
        if (AllocatePmdFolio() is not Folio folio)
            return false;
        if (write && Has(Extensions.LazyZeroing))
            MapLazily(process, vma, page, folio);
        else
            MapNewPmd(process, vma, first, folio);
        _statistics[folio.Order].AnonFaultAlloc++;
        return true;
    }

    /// <summary>vma_alloc_anon_folio_pmd.</summary>
    private Folio? AllocatePmdFolio()
    {
        Folio? folio = Allocate(_machine.PmdOrder);
        if (folio is null)
            _statistics[_machine.PmdOrder].AnonFaultFallback++;
        return folio;
    }

    /// <summary>map_anon_folio_pmd: the folio is queued at once, since it may turn out to be mostly zeroes.</summary>
    private void MapNewPmd(Process process, Vma vma, long first, Folio folio)
    {
        MapPmd(process, first, CopiedPte(vma) with { Folio = folio });
        AddNewRmap(process, vma, folio, pmd: true);
        _deferredQueue.Add(folio);
        Emit(EventKind.MapcountUp, process, first, folio.Frame, 1);
        Emit(EventKind.PteWritten, process, first, folio.Frame, folio.Pages);
    }

    /// <summary>do_huge_pmd_wp_page. False: the mapping was split, and its entries have to do.</summary>
    private bool WriteProtectPmdFault(Process process, Vma vma, long page)
    {
        Pte pte = process.PageTable[page];
        if (pte.Folio is null)
            return ReplaceHugeZero(process, vma, page);
        if (!CanReusePmd(process, vma, page))
            return false;
        SetBits(process, page, entry => entry with { Writable = vma.AllowsStores, Dirty = true, Young = true, SoftDirty = _machine.SoftDirty });
        Emit(EventKind.PteWritten, process, BlockStart(page, _machine.PmdOrder), pte.Folio.Frame, pte.Folio.Pages);
        return true;
    }

    /// <summary>A page of a PMD mapping becomes this process's own without being written to. False: the mapping was split.</summary>
    private bool UnsharePmd(Process process, Vma vma, long page) =>
        process.PageTable[page].Folio is null ? ReplaceHugeZero(process, vma, page) : CanReusePmd(process, vma, page);

    /// <summary>Whether the mapping is this process's own, or can be: nobody else refers to the folio at all. If not, it is split.</summary>
    private bool CanReusePmd(Process process, Vma vma, long page)
    {
        Folio folio = process.PageTable[page].Folio!;
        if (folio.Exclusive[0] || References(folio) == 1)
        {
            folio.Exclusive[0] = true;
            return true;
        }
        SplitPmd(process, vma, page);
        return false;
    }

    /// <summary>Splits the PMD mapping that lies on both sides of a border, if there is one.</summary>
    private void SplitPmdAcross(Process process, long border)
    {
        bool inside = border > 0 && border % _machine.EntriesPerTable != 0;
        if (inside && process.PageTable.TryGet(border, out Pte pte) && pte.Pmd)
            SplitPmd(process, process.FindVma(border)!, border);
    }

    /// <summary>__split_huge_pmd_locked: the same pages, mapped by the entries of the table that was deposited for this (SPECIFICATION.md 8.2).</summary>
    private void SplitPmd(Process process, Vma vma, long page)
    {
        long first = BlockStart(page, _machine.PmdOrder);
        Pte pmd = process.PageTable[first];
        _splitPmds++;
        Emit(EventKind.PteCleared, process, first, FrameOf(pmd), _machine.EntriesPerTable);
        Emit(EventKind.Flushed, process, first, -1, _machine.EntriesPerTable);
        if (pmd.Folio is Folio folio)
        {
            ExchangeMappings(process, vma, first, folio);
            return;
        }
        process.PageTable.ClearPmd(first);
        for (int i = 0; i < _machine.EntriesPerTable; i++)
            process.PageTable.Set(first + i, ZeroPte(vma) with { UffdWp = pmd.UffdWp });
        Emit(EventKind.PteWritten, process, first, -1, _machine.EntriesPerTable);
    }

    /// <summary>Every page gets its mapping first; only then the PMD mapping goes, so that the folio is never unmapped in between.</summary>
    private void ExchangeMappings(Process process, Vma vma, long first, Folio folio)
    {
        bool exclusive = folio.Exclusive[0];
        Pte pmd = process.PageTable[first];
        folio.Dirty |= pmd.Dirty;
        EmitFolio(EventKind.ReferenceUp, folio.Frame, folio.Pages - 1);
        process.PageTable.ClearPmd(first);
        process.PageTable.Set(first, pmd with { ProtNone = vma.Protection == Protection.None, SoftDirty = SoftDirtyWith(pmd) }, folio.Pages);
        for (int i = 0; i < folio.Pages; i++)
            folio.Exclusive[i] |= exclusive;
        // The slot counts both for a moment; mapcounts and slots are seen only when that is over.
        MmIds.Add(folio, process, folio.Pages, Count(folio).Mapcount + 1);
        if (vma.IsLocked)
            Mlock(folio);
        Emit(EventKind.MapcountUp, process, first, folio.Frame, folio.Pages);
        Emit(EventKind.PteWritten, process, first, folio.Frame, folio.Pages);
        RemoveRmap(process, vma, folio, first: 0, folio.Pages, pmd: true);
        Emit(EventKind.MapcountDown, process, first, folio.Frame, 1);
    }

    /// <summary>pte_mkdirty marks an entry soft-dirty, too.</summary>
    private bool SoftDirtyWith(Pte pte) => pte.SoftDirty || pte.Dirty && _machine.SoftDirty;
}
