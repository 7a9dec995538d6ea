using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>split_folio of an anonymous folio to order 0 (SPECIFICATION.md 11.4, 17.8).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>One mapping of the folio that is being split: process, leaf table and entry, virtual page.</summary>
    private readonly record struct FolioMapping(Process Process, LeafTable Leaf, int Entry, long Page);

    private readonly List<FolioMapping> _mappings = [];

    /// <summary>
    /// Splits a mapped folio. Nobody holds references but its mappings, so the kernel's freeze cannot fail here.
    /// Zero-filled pages give way to the zero page; pages that nothing maps are freed.
    /// </summary>
    private void SplitFolio(int folio)
    {
        int order = _folios.Order[folio];
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
    }

    /// <summary>rmap_walk: the mappings of a folio, processes by number, addresses ascending.</summary>
    private void WalkMappings(int folio)
    {
        long first = _folios.Index[folio];
        int pages = 1 << _folios.Order[folio];
        foreach (Process process in _processes.All)
        {
            foreach (PageTable.LeafRange range in process.Table.Within(first, first + pages))
            {
                for (int entry = range.From; entry < range.End; entry++)
                {
                    long page = range.FirstPage + entry;
                    if (range.Leaf.Present[entry] && range.Leaf.Frames[entry] == folio + (int)(page - first))
                        _mappings.Add(new FolioMapping(process, range.Leaf, entry, page));
                }
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
        Emit(EventKind.MapcountDown, mapping.Process, mapping.Page, frame, 1);
        _folios.References[folio]--;
        EmitFolio(EventKind.ReferenceDown, folio, 1);
    }

    /// <summary>remove_migration_pte: the entry maps the small folio as it mapped the page, or the zero page.</summary>
    private void RemapAfterSplit(in FolioMapping mapping)
    {
        int frame = mapping.Leaf.Frames[mapping.Entry];
        if (_folios.Token[frame] == 0)
        {
            // try_to_map_unused_to_zeropage.
            mapping.Leaf.WriteZeroPage(mapping.Entry);
            Emit(EventKind.PteWritten, mapping.Process, mapping.Page, LeafTable.NoFrame, 1);
            return;
        }
        TakeReferences(frame, 1);
        _rmap.Restore(frame, mapping.Process);
        Emit(EventKind.MapcountUp, mapping.Process, mapping.Page, frame, 1);
        Emit(EventKind.PteWritten, mapping.Process, mapping.Page, frame, 1);
    }
}
