using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Splitting a folio into folios of a lower order on the same frames (split_folio_to_order, remap_page; SPECIFICATION.md 11.4, 17.24).</summary>
public sealed partial class ReferenceMemory
{
    private readonly record struct Mapping(Process Process, Vma Vma, long Page, Pte Pte);

    /// <summary>split_huge_pages of debugfs.</summary>
    private Outcome SplitFolio(Process process, long page, int order)
    {
        if (process.FindVma(page) is null)
            return Outcome.Error(Errno.EFAULT);
        Folio? folio = process.PageTable.TryGet(page, out Pte pte) ? pte.Folio : null;
        if (folio is null || folio.Order <= order)
            return Outcome.Ok;
        if (order is 1 or < 0)
            return Outcome.Error(Errno.EINVAL);
        return Split(folio, order) ? Outcome.Ok : Outcome.Error(Errno.EAGAIN);
    }

    /// <summary>False: somebody else refers to the folio, so it stays as it is.</summary>
    private bool Split(Folio folio, int order = 0)
    {
        if (folio.ExtraReferences > 0)
        {
            _statistics[folio.Order].SplitFailed++;
            return false;
        }
        List<Mapping> mappings = UnmapForSplit(folio);
        Folio[] pieces = Replace(folio, order);
        foreach (Mapping mapping in mappings)
            Remap(mapping, pieces[mapping.Pte.Index >> order], mapping.Pte.Index % (1 << order), folio.Dirty);
        foreach (Folio piece in pieces)
        {
            if (piece.IsLarge)
                EmitFolio(EventKind.ReferenceDown, piece.Frame, 1);
            FreeIfUnused(piece);
        }
        return true;
    }

    /// <summary>try_to_migrate: entries go one by one, a PMD mapping as a whole; a dirty one makes the folio dirty.</summary>
    private List<Mapping> UnmapForSplit(Folio folio)
    {
        List<Mapping> mappings = MappingsOf(folio);
        foreach (Mapping mapping in mappings)
        {
            if (!mapping.Pte.Pmd)
                UnmapForSplit(mapping, folio, count: 1);
            else if (mapping.Pte.Index == 0)
                UnmapForSplit(mapping, folio, folio.Pages);
        }
        return mappings;
    }

    /// <summary>rmap_walk_anon: in the order of the anon_vma's tree; within a VMA, addresses ascending.</summary>
    private List<Mapping> MappingsOf(Folio folio)
    {
        var mappings = new List<Mapping>();
        foreach (Process process in _processes.Values)
        {
            foreach ((long page, Pte pte) in process.Entries(0, long.MaxValue))
            {
                if (pte.Folio == folio)
                    mappings.Add(new Mapping(process, process.FindVma(page)!, page, pte));
            }
        }
        return [.. mappings.OrderBy(mapping => mapping.Vma.Offset).ThenBy(mapping => mapping.Vma.Place.Since)];
    }

    /// <summary>anon_vma_interval_tree_insert: a VMA with new bounds goes behind those that begin at the same page offset.</summary>
    private void PlaceNewBounds()
    {
        foreach (Process process in _processes.Values)
        {
            foreach (Vma vma in process.Vmas.Values.Where(vma => (vma.Place.Start, vma.Place.End) != (vma.Start, vma.End)).ToList())
                process.Vmas[vma.Start] = vma with { Place = (vma.Start, vma.End, _operations) };
        }
    }

    private void UnmapForSplit(Mapping mapping, Folio folio, int count)
    {
        (Process process, Vma vma, long page, Pte pte) = mapping;
        folio.Dirty |= pte.Dirty;
        if (!pte.Pmd)
        {
            process.PageTable.Clear(page);
        }
        else
        {
            process.PageTable.ClearPmd(page);
            _splitPmds++;
            Array.Fill(folio.Exclusive, folio.Exclusive[0]);
        }
        Emit(EventKind.PteCleared, process, page, FrameOf(pte), count);
        Emit(EventKind.Flushed, process, page, -1, count);
        if ((_machine.Quirks & Quirks.SplitCountsAsDeferred) != 0)
            RemoveRmap(process, vma, folio, pte.Index, count, pte.Pmd);
        else if (vma.IsLocked)
            Munlock(folio);
        Emit(EventKind.MapcountDown, process, page, FrameOf(pte), 1);
        EmitFolio(EventKind.ReferenceDown, folio.Frame, 1);
    }

    /// <summary>__folio_split: pieces take over contents, AnonExclusive and the folio's flags.</summary>
    private Folio[] Replace(Folio folio, int order)
    {
        _deferredQueue.Remove(folio);
        _folios.Remove(folio);
        _statistics[folio.Order].Split++;
        var pieces = new Folio[folio.Pages >> order];
        for (int i = 0; i < pieces.Length; i++)
        {
            int first = i << order;
            pieces[i] = new Folio(order, folio.Frame + first) { SwapBacked = folio.SwapBacked, Dirty = folio.Dirty, Mlocked = folio.Mlocked };
            Array.Copy(folio.Contents, first, pieces[i].Contents, 0, pieces[i].Pages);
            Array.Copy(folio.Exclusive, first, pieces[i].Exclusive, 0, pieces[i].Pages);
            _folios.Add(pieces[i]);
        }
        // Only one piece can stand where the folio stood in the count.
        pieces[0].MlockCount = folio.MlockCount;
        EmitFolio(EventKind.FolioSplit, folio.Frame, folio.Pages);
        // A large piece comes with a reference that lasts until all is done.
        foreach (Folio piece in pieces.Where(piece => piece.IsLarge))
            EmitFolio(EventKind.FolioAllocated, piece.Frame, piece.Pages);
        return pieces;
    }

    /// <summary>
    /// remove_migration_pte and try_to_map_unused_to_zeropage: a page full of zeroes that is a folio of its own now gives way to the zero page, unless somebody
    /// wants it to be there.
    /// </summary>
    private void Remap(Mapping mapping, Folio piece, int index, bool folioDirty)
    {
        (Process process, Vma vma, long page, Pte old) = mapping;
        old = old with { Pmd = false, ProtNone = vma.Protection == Protection.None };
        if (!piece.IsLarge && piece.Contents[0] == 0 && !piece.Mlocked && !vma.IsLocked)
        {
            process.PageTable.Set(page, old with { Folio = null, Index = 0, Writable = false, Dirty = false, Young = true });
            Emit(EventKind.PteWritten, process, page, -1, 1);
            return;
        }
        // A migration entry is writable or write-protected by userfaultfd; what a move left behind is lost beside the write bit.
        Pte pte = old with { Folio = piece, Index = index, Dirty = folioDirty && old.Dirty, UffdWp = old.UffdWp && !old.Writable };
        process.PageTable.Set(page, pte with { SoftDirty = SoftDirtyWith(pte) });
        AddRmap(process, piece, 1);
        if (vma.IsLocked && !piece.IsLarge)
            Mlock(piece);
        EmitFolio(EventKind.ReferenceUp, piece.Frame, 1);
        Emit(EventKind.MapcountUp, process, page, FrameOf(pte), 1);
        Emit(EventKind.PteWritten, process, page, FrameOf(pte), 1);
    }
}
