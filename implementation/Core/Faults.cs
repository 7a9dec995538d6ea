using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Faults on private anonymous memory: handle_pte_fault and do_anonymous_page (SPECIFICATION.md 4.0, 4.1).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>A read of an entry that holds nothing gets the zero page, alone: no counter knows of it.</summary>
    private void ReadFault(Process process, LeafTable leaf, int index, long page)
    {
        leaf.WriteZeroPage(index);
        Emit(EventKind.PteWritten, process, page, LeafTable.NoFrame, 1);
    }

    /// <summary>Makes a page of a writable VMA writable. Returns false when memory ran out; the anon_vma stays prepared then.</summary>
    private bool WriteFault(Process process, Vma vma, long page)
    {
        _anonVmas.Prepare(process.Vmas, vma);
        LeafTable? leaf = process.Table.Find(page);
        if (leaf is not null && leaf.Present[process.Table.EntryOf(page)])
            return WriteProtectFault(process, leaf, page);
        return AnonymousWriteFault(process, vma, leaf, page);
    }

    private bool AnonymousWriteFault(Process process, Vma vma, LeafTable? leaf, long page)
    {
        int folio = AllocateForFault(vma, leaf, page);
        if (folio < 0)
            return false;
        int order = _folios.Order[folio];
        int pages = 1 << order;
        long first = page & -(long)pages;
        if (order > 0)
        {
            _folios.Statistics[order].AnonFaultAlloc++;
            TakeReferences(folio, pages - 1);
            _folios.Index[folio] = first + vma.Offset;
        }
        _rmap.AddNew(folio, process);
        Emit(EventKind.MapcountUp, process, first, folio, pages);
        leaf ??= process.Table.FindOrCreate(first);
        leaf.WriteFresh(process.Table.EntryOf(first), folio, pages);
        Emit(EventKind.PteWritten, process, first, folio, pages);
        return true;
    }

    /// <summary>alloc_anon_folio: the largest candidate order that can be had; order 0 when none can.</summary>
    private int AllocateForFault(Vma vma, LeafTable? leaf, long page)
    {
        uint orders = _orders.Candidates(vma, leaf, page);
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
