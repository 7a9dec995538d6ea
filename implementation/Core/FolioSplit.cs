using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>split_folio of an anonymous folio into pieces of a lower order (SPECIFICATION.md 11.4, 17.8, 17.22, 17.24).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>
    /// One mapping of the folio that is being split: process and VMA, leaf table and entry, virtual page; or the PMD mapping before that table, and its first
    /// entry and page.
    /// </summary>
    private readonly record struct FolioMapping(Process Process, Vma Vma, LeafTable Leaf, int Entry, long Page, PmdMapping? Pmd);

    private readonly List<FolioMapping> _mappings = [];

    private readonly List<(Process Process, Vma Vma)> _mappers = [];

    /// <summary>
    /// Splits a mapped folio. Zero-filled pages that become small give way to the zero page; pieces that nothing maps are freed. Returns false,
    /// with nothing done, when it has references that no mapping accounts for (can_split_folio).
    /// </summary>
    private bool SplitFolio(int folio, int newOrder)
    {
        int order = _folios.Order[folio];
        if (!_folios.HasOnlyMappings(folio))
        {
            _folios.Statistics[order].SplitFailed++;
            return false;
        }
        int pages = 1 << order;
        WalkMappings(folio);
        foreach (FolioMapping mapping in _mappings)
        {
            if (mapping.Pmd is { } pmd)
                UnmapPmdForSplit(folio, mapping, pmd);
            else
                UnmapForSplit(folio, mapping);
        }
        _folios.BreakUp(folio, newOrder);
        _folios.Statistics[order].Split++;
        EmitFolio(EventKind.FolioSplit, folio, pages);
        if (newOrder > 0)
            HoldPieces(folio, pages, newOrder);
        foreach (FolioMapping mapping in _mappings)
        {
            int entries = mapping.Pmd is null ? 1 : pages;
            for (int entry = 0; entry < entries; entry++)
                RemapAfterSplit(mapping with { Entry = mapping.Entry + entry, Page = mapping.Page + entry });
        }
        for (int piece = folio; piece < folio + pages; piece += 1 << newOrder)
        {
            if (newOrder > 0)
                DropReferences(piece, 1);
            else if (_folios.References[piece] == 0)
                Free(piece);
        }
        _mappings.Clear();
        return true;
    }

    /// <summary>The reference that __folio_split has on each large piece until everything is mapped again.</summary>
    private void HoldPieces(int folio, int pages, int order)
    {
        for (int piece = folio; piece < folio + pages; piece += 1 << order)
        {
            _folios.References[piece] = 1;
            EmitFolio(EventKind.FolioAllocated, piece, 1 << order);
        }
    }

    /// <summary>split_huge_pages of debugfs, for what a process maps at a page.</summary>
    private Outcome SplitFolioAt(Process process, long page, int order)
    {
        if (process.Vmas.Find(page) is null)
            return Outcome.Error(Errno.EFAULT);
        MappedPage mapped = process.Table.Look(page);
        if (!mapped.IsFolio || _folios.Order[_folios.Head[mapped.Frame]] <= order)
            return Outcome.Ok;
        // Anonymous memory has no folios of order 1.
        if (order is 1 or < 0)
            return Outcome.Error(Errno.EINVAL);
        return SplitFolio(_folios.Head[mapped.Frame], order) ? Outcome.Ok : Outcome.Error(Errno.EAGAIN);
    }

    /// <summary>rmap_walk_anon: the mappings of a folio, VMA by VMA in the order of the anon_vma's tree, until all are found.</summary>
    private void WalkMappings(int folio)
    {
        long index = _folios.Index[folio];
        long end = index + (1 << _folios.Order[folio]);
        foreach (Process process in _processes.All)
        {
            foreach (Vma vma in process.Vmas.All)
            {
                if (vma.AnonVma is not null && vma.Start + vma.Offset < end && index < vma.End + vma.Offset)
                    _mappers.Add((process, vma));
            }
        }
        _mappers.Sort(ComparePlaces);
        int mapcount = _folios.MapcountOf(folio);
        foreach ((Process process, Vma vma) in _mappers)
        {
            if (_mappings.Count == mapcount)
                break;
            WalkMappings(folio, process, vma);
        }
        _mappers.Clear();
    }

    /// <summary>anon_vma_interval_tree_insert: by vm_pgoff; those that came later stand behind (SPECIFICATION.md 17.24).</summary>
    private static int ComparePlaces((Process Process, Vma Vma) one, (Process Process, Vma Vma) other) =>
        (one.Vma.Start + one.Vma.Offset, one.Vma.Since, one.Process.Number, one.Vma.Start)
            .CompareTo((other.Vma.Start + other.Vma.Offset, other.Vma.Since, other.Process.Number, other.Vma.Start));

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
            if (range.Pmd is { } pmd)
            {
                if (pmd.Frame == folio)
                    _mappings.Add(new FolioMapping(process, vma, range.Leaf, 0, range.FirstPage, pmd));
                continue;
            }
            for (int entry = range.From; entry < range.End; entry++)
            {
                long page = range.FirstPage + entry;
                if (range.Leaf.Present[entry] && range.Leaf.Frames[entry] == folio + (int)(page - first))
                    _mappings.Add(new FolioMapping(process, vma, range.Leaf, entry, page, null));
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
        ClearPtes(mapping.Process, mapping.Leaf, mapping.Page, 1);
        Emit(EventKind.PteCleared, mapping.Process, mapping.Page, frame, 1);
        Emit(EventKind.Flushed, mapping.Process, mapping.Page, LeafTable.NoFrame, 1);
        if (mapping.Leaf.Dirty[mapping.Entry])
            _folios.Flags[folio] |= FolioFlags.Dirty;
        FinishUnmapForSplit(folio, frame, mapping, _rmap.Unmap(folio, frame, 1, mapping.Process));
    }

    /// <summary>
    /// __split_huge_pmd_locked with freeze: a PMD mapping goes as one. Its entries stand in the leaf table from now on, as migration entries do in the kernel.
    /// </summary>
    private void UnmapPmdForSplit(int folio, in FolioMapping mapping, PmdMapping pmd)
    {
        UnhangPmd(mapping.Process, mapping.Page, pmd);
        if (pmd.Has(PteBits.Dirty))
            _folios.Flags[folio] |= FolioFlags.Dirty;
        mapping.Leaf.WriteAll(folio, pmd.Bits);
        if (_folios.AnonExclusive[folio])
            _folios.AnonExclusive.SetRange(folio, folio + _machine.EntriesPerTable);
        FinishUnmapForSplit(folio, folio, mapping, _rmap.UnmapPmd(folio, mapping.Process));
    }

    private void FinishUnmapForSplit(int folio, int frame, in FolioMapping mapping, bool partial)
    {
        if (partial && (_machine.Quirks & Quirks.SplitCountsAsDeferred) != 0)
            _folios.Deferred.MarkPartiallyMapped(folio);
        if (mapping.Vma.IsLocked)
            MunlockFolio(folio);
        Emit(EventKind.MapcountDown, mapping.Process, mapping.Page, frame, 1);
        EmitFolio(EventKind.ReferenceDown, folio, 1);
    }

    /// <summary>remove_migration_pte: the entry maps the piece as it mapped the page, or the zero page.</summary>
    private void RemapAfterSplit(in FolioMapping mapping)
    {
        int frame = mapping.Leaf.Frames[mapping.Entry];
        int piece = _folios.Head[frame];
        bool small = _folios.Order[piece] == 0;
        mapping.Leaf.ProtNone.Change(mapping.Entry, mapping.Vma.Protection == Protection.None);
        if (small && _folios.Token[frame] == 0 && !mapping.Vma.IsLocked && !_folios.IsMlocked(frame))
        {
            // try_to_map_unused_to_zeropage, which leaves locked memory alone.
            mapping.Leaf.WriteZeroPage(mapping.Entry);
            SetPtes(mapping.Process, mapping.Leaf, mapping.Page, 1);
            Emit(EventKind.PteWritten, mapping.Process, mapping.Page, LeafTable.NoFrame, 1);
            return;
        }
        if (_machine.SoftDirty && mapping.Leaf.Dirty[mapping.Entry])
            mapping.Leaf.SetSoftDirty(mapping.Entry, mapping.Entry + 1);
        // What is put back writable is not protected again (seen on 6.18.44).
        if (mapping.Leaf.Writable[mapping.Entry])
            mapping.Leaf.ClearUffdWp(mapping.Entry, mapping.Entry + 1);
        TakeReferences(piece, 1);
        _rmap.Restore(piece, frame, mapping.Process);
        // A large piece would have to be mapped as a whole at once.
        if (small && mapping.Vma.IsLocked)
            MlockFolio(frame);
        Emit(EventKind.MapcountUp, mapping.Process, mapping.Page, frame, 1);
        SetPtes(mapping.Process, mapping.Leaf, mapping.Page, 1);
        Emit(EventKind.PteWritten, mapping.Process, mapping.Page, frame, 1);
    }
}
