using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Splitting a folio into pages of order 0 on the same frames (split_folio, remap_page; SPECIFICATION.md 11.4).</summary>
public sealed partial class ReferenceMemory
{
    private readonly record struct Mapping(Process Process, Vma Vma, long Page, Pte Pte);

    /// <summary>False: somebody else refers to the folio, so it stays as it is.</summary>
    private bool Split(Folio folio)
    {
        if (folio.ExtraReferences > 0)
        {
            _statistics[folio.Order].SplitFailed++;
            return false;
        }
        List<Mapping> mappings = UnmapForSplit(folio);
        Folio[] pages = Replace(folio);
        foreach (Mapping mapping in mappings)
            Remap(mapping, pages[mapping.Pte.Index], folio.Dirty);
        foreach (Folio page in pages)
            FreeIfUnused(page);
        return true;
    }

    /// <summary>try_to_migrate: entries go one by one; a dirty one makes the folio dirty.</summary>
    private List<Mapping> UnmapForSplit(Folio folio)
    {
        var mappings = new List<Mapping>();
        foreach (Process process in _processes.Values)
        {
            foreach ((long page, Pte pte) in process.PageTable)
            {
                if (pte.Folio == folio)
                    mappings.Add(new Mapping(process, process.FindVma(page)!, page, pte));
            }
        }
        foreach ((Process process, Vma vma, long page, Pte pte) in mappings)
        {
            folio.Dirty |= pte.Dirty;
            process.PageTable.Remove(page);
            Emit(EventKind.PteCleared, process, page, FrameOf(pte), 1);
            Emit(EventKind.Flushed, process, page, -1, 1);
            if ((_machine.Quirks & Quirks.SplitCountsAsDeferred) != 0)
                RemoveRmap(process, vma, folio, pte.Index, 1);
            else if (vma.IsLocked)
                Munlock(folio);
            Emit(EventKind.MapcountDown, process, page, FrameOf(pte), 1);
            EmitFolio(EventKind.ReferenceDown, folio.Frame, 1);
        }
        return mappings;
    }

    /// <summary>__folio_split: one small folio a page takes over contents, AnonExclusive and the folio's flags.</summary>
    private Folio[] Replace(Folio folio)
    {
        _deferredQueue.Remove(folio);
        _folios.Remove(folio);
        _statistics[folio.Order].Split++;
        var pages = new Folio[folio.Pages];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = new Folio(order: 0, folio.Frame + i) { SwapBacked = folio.SwapBacked, Dirty = folio.Dirty, Mlocked = folio.Mlocked };
            pages[i].Contents[0] = folio.Contents[i];
            pages[i].Exclusive[0] = folio.Exclusive[i];
            _folios.Add(pages[i]);
        }
        // Only one page can stand where the folio stood in the count.
        pages[0].MlockCount = folio.MlockCount;
        EmitFolio(EventKind.FolioSplit, folio.Frame, folio.Pages);
        return pages;
    }

    /// <summary>
    /// remove_migration_pte and try_to_map_unused_to_zeropage: a page full of zeroes gives way to the zero page, unless somebody wants it to be there.
    /// </summary>
    private void Remap(Mapping mapping, Folio page, bool folioDirty)
    {
        if (page.Contents[0] == 0 && !page.Mlocked && !mapping.Vma.IsLocked)
        {
            mapping.Process.PageTable[mapping.Page] =
                mapping.Pte with { Folio = null, Index = 0, Writable = false, Dirty = false, Young = true };
            Emit(EventKind.PteWritten, mapping.Process, mapping.Page, -1, 1);
            return;
        }
        // A migration entry is writable or write-protected by userfaultfd; what a move left behind is lost beside the write bit.
        bool uffdWp = mapping.Pte.UffdWp && !mapping.Pte.Writable;
        mapping.Process.PageTable[mapping.Page] = mapping.Pte with { Folio = page, Index = 0, Dirty = folioDirty && mapping.Pte.Dirty, UffdWp = uffdWp };
        if (mapping.Vma.IsLocked)
            Mlock(page);
        EmitFolio(EventKind.ReferenceUp, page.Frame, 1);
        Emit(EventKind.MapcountUp, mapping.Process, mapping.Page, page.Frame, 1);
        Emit(EventKind.PteWritten, mapping.Process, mapping.Page, page.Frame, 1);
    }
}
