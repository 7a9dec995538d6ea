using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>How a fault ended that had a VMA and the right to happen.</summary>
internal enum FaultResult
{
    /// <summary>The page is there.</summary>
    Done,

    /// <summary>No frame.</summary>
    OutOfMemory,

    /// <summary>The entry is a guard marker (SPECIFICATION.md 17.16).</summary>
    Guarded,

    /// <summary>userfaultfd protects the entry (SPECIFICATION.md 17.17).</summary>
    WriteProtected,

    /// <summary>The page lies beyond the end of the file (SPECIFICATION.md 17.29).</summary>
    BeyondEnd,
}

/// <summary>Faults on private anonymous memory: handle_pte_fault and do_anonymous_page (SPECIFICATION.md 4.0, 4.1).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>
    /// A read of an entry that is not present gets the zero page, alone: no counter knows of it. Returns false when a guard
    /// marker is there.
    /// </summary>
    private bool ReadFault(Process process, Vma vma, LeafTable leaf, int index, long page)
    {
        if (leaf.IsGuard(index))
            return false;
        leaf.WriteZeroPage(index);
        if (vma.Protection == Protection.None)
            leaf.ProtNone.Set(index);
        SetPtes(process, leaf, page, 1);
        Emit(EventKind.PteWritten, process, page, LeafTable.NoFrame, 1);
        return true;
    }

    /// <summary>
    /// Makes a page the process's own, and writable if the VMA allows stores; where it does not, only forced access comes here.
    /// When memory ran out the anon_vma stays prepared.
    /// </summary>
    private FaultResult WriteFault(Process process, Vma vma, long page)
    {
        if (vma.IsShared)
            return FileFault(process, vma, page, write: true);
        EmitFault(process, page);
        if (process.Table.PmdAt(page) is { } pmd && PmdWriteFault(process, vma, page, pmd) is { } result)
            return result;
        LeafTable? leaf = process.Table.Find(page);
        if (leaf is null && PmdFault(process, vma, page, write: true))
            return FaultResult.Done;
        int index = process.Table.EntryOf(page);
        if (leaf is not null && leaf.HasRareBits)
        {
            if (leaf.Guards[index])
                return FaultResult.Guarded;
            if (leaf.IsHinted(index) && vma.Protection != Protection.None)
                return WriteFaultAfterHint(process, vma, page);
            if (vma.HasUffdWp && leaf.UffdWp[index])
                return FaultResult.WriteProtected;
        }
        _anonVmas.Prepare(process.Vmas, vma);
        // pte_alloc comes before the page, and stays if there is none.
        leaf ??= process.Table.FindOrCreate(page);
        bool done = leaf.Present[index] ? WriteProtectFault(process, vma, leaf, page) : AnonymousWriteFault(process, vma, leaf, page);
        return done ? FaultResult.Done : FaultResult.OutOfMemory;
    }

    /// <summary>handle_mm_fault is called.</summary>
    private void EmitFault(Process process, long page) => EmitRaw(EventKind.Faulted, process, page, 1);

    /// <summary>A read fault happens if nothing is present at a page.</summary>
    private void EmitFaultIfAbsent(Process process, long page)
    {
        if (HasEvents && !process.Table.Look(page).IsPresent)
            EmitFault(process, page);
    }

    /// <summary>do_anonymous_page. Returns false when memory ran out.</summary>
    private bool AnonymousWriteFault(Process process, Vma vma, LeafTable leaf, long page)
    {
        int folio = AllocateForFault(process, vma, leaf, page);
        if (folio < 0)
            return false;
        int order = _folios.Order[folio];
        int pages = 1 << order;
        long first = page & -(long)pages;
        if (order > 0)
        {
            _folios.Statistics[order].AnonFaultAlloc++;
            TakeReferences(folio, pages - 1);
        }
        AddNewFolio(process, vma, first, folio, pages);
        // pte_range_none.
        if (pages > 1)
            EmitRaw(EventKind.PteRead, process, first, pages);
        WriteFreshEntries(vma, leaf, process.Table.EntryOf(first), folio, pages);
        SetPtes(process, leaf, first, pages);
        Emit(EventKind.PteWritten, process, first, folio, pages);
        return true;
    }

    /// <summary>folio_add_new_anon_rmap and folio_add_lru_vma: a fresh folio belongs to a VMA, all of it.</summary>
    private void AddNewFolio(Process process, Vma vma, long page, int folio, int pages)
    {
        _folios.Index[folio] = page + vma.Offset;
        _rmap.AddNew(folio, process);
        if (vma.IsLocked)
            MlockFolio(folio);
        Emit(EventKind.MapcountUp, process, page, folio, pages);
    }

    /// <summary>The entries of a fresh folio; without the right to store they are neither writable nor dirty (SPECIFICATION.md 17.20).</summary>
    private void WriteFreshEntries(Vma vma, LeafTable leaf, int index, int folio, int pages)
    {
        leaf.WriteFresh(index, folio, pages, vma.MayWrite);
        if (vma.MayWrite && _machine.SoftDirty)
            leaf.SetSoftDirty(index, index + pages);
        if (vma.Protection == Protection.None)
            leaf.ProtNone.SetRange(index, index + pages);
    }

    /// <summary>alloc_anon_folio: the largest candidate order that can be had; order 0 when none can.</summary>
    private int AllocateForFault(Process process, Vma vma, LeafTable leaf, long page)
    {
        uint orders = _orders.Candidates(process.ThpDisable, vma, leaf, page);
        while (orders != 0)
        {
            int order = FolioOrder.Largest(orders);
            int folio = Allocate(order);
            if (folio >= 0)
                return folio;
            _folios.Statistics[order].AnonFaultFallback++;
            orders &= ~(1U << order);
        }
        return Allocate(0);
    }
}
