using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>NUMA balancing: entries that fault at the next access, so that it is known who uses them (change_prot_numa, do_numa_page; SPECIFICATION.md 4.8, 17.26).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome NumaHint(Process process, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation) || BeyondAddressSpace(operation))
            return Outcome.Error(Errno.EINVAL);
        foreach (Vma vma in process.VmasIn(operation.Address, operation.End).Where(vma => vma.Protection != Protection.None))
        {
            bool changed = false;
            foreach (Batch batch in Walk(process, vma, Math.Max(operation.Address, vma.Start), Math.Min(operation.End, vma.End), Respect.Write | Respect.SoftDirty))
                changed |= HintBatch(process, batch);
            if (changed)
                Emit(EventKind.Flushed, process, 0, -1, 0);
        }
        return Outcome.Ok;
    }

    private bool HintBatch(Process process, Batch batch)
    {
        if (batch.First.ProtNone || batch.First.Folio is not Folio folio || LooksPinned(folio) || IsMappedByOthers(folio))
            return false;
        Rewrite(process, batch, pte => pte with { Writable = false, ProtNone = true });
        return true;
    }

    /// <summary>numa_rebuild_single_mapping: one entry, or one PMD mapping, lets accesses through again.</summary>
    private void Restore(Process process, Vma vma, long page, Pte pte)
    {
        pte = pte with { Writable = CanBeWritable(vma, pte) };
        if (pte.Pmd)
        {
            SetBits(process, page, entry => entry with { ProtNone = false, Young = true, Writable = pte.Writable });
        }
        else
        {
            process.PageTable.Clear(page);
            process.PageTable.Set(page, pte);
        }
        Emit(EventKind.PteWritten, process, page, FrameOf(pte), pte.Pmd ? _machine.EntriesPerTable : 1);
    }

    /// <summary>do_numa_page, do_huge_pmd_numa_page: where the VMA has rights, the hint goes for everything of the folio that the table maps in the VMA. False: there was none.</summary>
    private bool RestoreHinted(Process process, Vma vma, long page)
    {
        if (vma.Protection == Protection.None || !process.PageTable.TryGet(page, out Pte hinted) || !hinted.ProtNone)
            return false;
        Emit(EventKind.Faulted, process, page, -1, 1);
        long first = BlockStart(page, _machine.PmdOrder);
        long start = Math.Max(first, vma.Start);
        long end = Math.Min(first + _machine.EntriesPerTable, vma.End);
        foreach (long other in process.PresentPages(start, end))
        {
            Pte pte = process.PageTable[other];
            if (pte.Folio != hinted.Folio || !pte.ProtNone || Has(Extensions.LazyZeroing) && !pte.Pmd && other != page)
                continue;
            Restore(process, vma, other, pte with { ProtNone = false, Young = true });
        }
        if (Has(Extensions.LazyZeroing))
            FinishLazily(process, vma, page);
        return true;
    }
}
