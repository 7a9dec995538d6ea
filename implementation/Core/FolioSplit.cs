using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>split_folio of an anonymous folio to order 0 (SPECIFICATION.md 11.4, 17.8).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>One mapping of the folio that is being split: process and VMA, leaf table and entry, virtual page.</summary>
    private readonly record struct FolioMapping(Process Process, Vma Vma, LeafTable Leaf, int Entry, long Page);

    private readonly List<FolioMapping> _mappings = [];

    /// <summary>
    /// Splits a mapped folio. Zero-filled pages give way to the zero page; pages that nothing maps are freed. Returns false,
    /// with nothing done, when it has references that no mapping accounts for (can_split_folio).
    /// </summary>
    private bool SplitFolio(int folio)
    {
        int order = _folios.Order[folio];
        if (_folios.References[folio] != _folios.LargeMapcount[folio])
        {
            _folios.Statistics[order].SplitFailed++;
            return false;
        }
        int pages = 1 << order;
        WalkMappings(folio);
        foreach (FolioMapping mapping in _mappings)
            UnmapForSplit(folio, mapping);
        _folios.BreakUp(folio);
        _folios.Statistics[order].Split++;
        EmitFolio(EventKind.FolioSplit, folio, pages);
        foreach (FolioMapping mapping in _mappings)
            RemapAfterSplit(mapping);
        for (int frame = folio; frame < folio + pages; frame++)
        {
            if (_folios.References[frame] == 0)
                Free(frame);
        }
        _mappings.Clear();
        return true;
    }

    /// <summary>rmap_walk_anon: the mappings of a folio, processes by number, addresses ascending, until all are found.</summary>
    private void WalkMappings(int folio)
    {
        int mapcount = _folios.LargeMapcount[folio];
        foreach (Process process in _processes.All)
        {
            foreach (Vma vma in process.Vmas.All)
            {
                if (_mappings.Count == mapcount)
                    return;
                if (vma.AnonVma is not null)
                    WalkMappings(folio, process, vma);
            }
        }
    }

    /// <summary>
    /// vma_address: wherever mremap moved a mapping to, vm_pgoff went with it, so that each VMA has one place where it can map
    /// a page. Only part of the folio may be there, and that in two leaf tables.
    /// </summary>
    private void WalkMappings(int folio, Process process, Vma vma)
    {
        long first = _folios.Index[folio] - vma.Offset;
        long from = Math.Max(vma.Start, first);
        long end = Math.Min(vma.End, first + (1 << _folios.Order[folio]));
        if (from >= end)
            return;
        foreach (PageTable.LeafRange range in process.Table.Within(from, end))
        {
            for (int entry = range.From; entry < range.End; entry++)
            {
                long page = range.FirstPage + entry;
                if (range.Leaf.Present[entry] && range.Leaf.Frames[entry] == folio + (int)(page - first))
                    _mappings.Add(new FolioMapping(process, vma, range.Leaf, entry, page));
            }
        }
    }

    /// <summary>
    /// try_to_migrate, one page at a time. The entry keeps its bits here, as the migration entry does in the kernel; its dirty
    /// bit is noted in the folio, from which the pieces inherit it (SPECIFICATION.md 11.2).
    /// </summary>
    private void UnmapForSplit(int folio, in FolioMapping mapping)
    {
        int frame = mapping.Leaf.Frames[mapping.Entry];
        Emit(EventKind.PteCleared, mapping.Process, mapping.Page, frame, 1);
        Emit(EventKind.Flushed, mapping.Process, mapping.Page, LeafTable.NoFrame, 1);
        if (mapping.Leaf.Dirty[mapping.Entry])
            _folios.Flags[folio] |= FolioFlags.Dirty;
        bool partial = _rmap.Unmap(folio, frame, 1, mapping.Process);
        if (partial && (_machine.Quirks & Quirks.SplitCountsAsDeferred) != 0)
            _folios.Deferred.MarkPartiallyMapped(folio);
        if (mapping.Vma.IsLocked)
            MunlockFolio(folio);
        Emit(EventKind.MapcountDown, mapping.Process, mapping.Page, frame, 1);
        _folios.References[folio]--;
        EmitFolio(EventKind.ReferenceDown, folio, 1);
    }

    /// <summary>remove_migration_pte: the entry maps the small folio as it mapped the page, or the zero page.</summary>
    private void RemapAfterSplit(in FolioMapping mapping)
    {
        int frame = mapping.Leaf.Frames[mapping.Entry];
        if (_folios.Token[frame] == 0 && !mapping.Vma.IsLocked && !_folios.IsMlocked(frame))
        {
            // try_to_map_unused_to_zeropage, which leaves locked memory alone.
            mapping.Leaf.WriteZeroPage(mapping.Entry);
            Emit(EventKind.PteWritten, mapping.Process, mapping.Page, LeafTable.NoFrame, 1);
            return;
        }
        // What is put back writable is not protected again.
        if (mapping.Leaf.Writable[mapping.Entry])
            mapping.Leaf.ClearUffdWp(mapping.Entry, mapping.Entry + 1);
        TakeReferences(frame, 1);
        _rmap.Restore(frame, mapping.Process);
        if (mapping.Vma.IsLocked)
            MlockFolio(frame);
        Emit(EventKind.MapcountUp, mapping.Process, mapping.Page, frame, 1);
        Emit(EventKind.PteWritten, mapping.Process, mapping.Page, frame, 1);
    }
}
