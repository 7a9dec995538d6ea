using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// Copying what a block maps into a folio of the PMD order: MADV_COLLAPSE and khugepaged (madvise_collapse, hpage_collapse_scan_pmd, collapse_huge_page;
/// SPECIFICATION.md 8.6, 17.23, 17.25).
/// </summary>
public sealed partial class ReferenceMemory
{
    /// <summary>What became of one block.</summary>
    private enum Collapsed
    {
        /// <summary>A PMD maps it now.</summary>
        Done,

        /// <summary>It cannot be done; the blocks after it may.</summary>
        Skipped,

        /// <summary>It cannot be done, and the call ends.</summary>
        Stopped,
    }

    private long _collapseAllocs;
    private long _collapseAllocsFailed;

    private Outcome Collapse(Process process, in Operation operation)
    {
        foreach (Vma vma in process.VmasIn(operation.Address, operation.End))
        {
            if (CollapseIn(process, vma, Math.Max(operation.Address, vma.Start), Math.Min(operation.End, vma.End)) is Errno failed)
                return Outcome.Error(failed);
        }
        return HasHole(process, operation.Address, operation.End) ? Outcome.Error(Errno.ENOMEM) : Outcome.Ok;
    }

    /// <summary>madvise_collapse.</summary>
    private Errno? CollapseIn(Process process, Vma vma, long start, long end)
    {
        int size = _machine.EntriesPerTable;
        bool disabled = process.ThpDisable == ThpDisable.All || (vma.Flags & VmaFlags.NoHugePage) != 0;
        if (disabled || vma.AnonVma is null || !HasRoomFor(vma, _machine.PmdOrder))
            return Errno.EINVAL;
        long from = BlockStart(start + size - 1, _machine.PmdOrder);
        // The kernel counts the blocks of a range that lies inside one, and there are fewer than none.
        Errno? last = from > BlockStart(end, _machine.PmdOrder) ? Errno.EINVAL : null;
        for (long first = from; first + size <= end; first += size)
        {
            (Collapsed result, Errno reason) = CollapseBlock(process, vma, first, mayReform: true);
            if (result != Collapsed.Done)
                last = reason;
            if (result == Collapsed.Stopped)
                break;
        }
        return last;
    }

    private (Collapsed Result, Errno Reason) CollapseBlock(Process process, Vma vma, long first, bool mayReform)
    {
        if (!process.Tables.Contains(BlockOf(first)))
            return (Collapsed.Stopped, Errno.EINVAL);
        if (process.PageTable.TryGet(first, out Pte pmd) && pmd.Pmd)
            return (Collapsed.Done, default);
        if (CollapseInPlace(process, vma, first))
            return (Collapsed.Done, default);
        for (long page = first; page < first + _machine.EntriesPerTable; page++)
        {
            if (process.GuardMarkers.Contains(page))
                continue;
            process.PageTable.TryGet(page, out Pte pte);
            if (pte.Folio is null && vma.IsUffdWp)
                return (Collapsed.Stopped, Errno.EBUSY);
            if (pte.Folio is not null && pte.UffdWp)
                return (Collapsed.Skipped, Errno.EINVAL);
            if (pte.Folio?.ExtraReferences > 0)
                return (Collapsed.Skipped, Errno.EAGAIN);
        }
        bool reformed = mayReform && !process.GuardsIn(first, first + _machine.EntriesPerTable).Any() && Reform(process, vma, first);
        return reformed ? (Collapsed.Done, default) : CopyBlock(process, vma, first);
    }

    /// <summary>collapse_huge_page.</summary>
    private (Collapsed Result, Errno Reason) CopyBlock(Process process, Vma vma, long first)
    {
        long end = first + _machine.EntriesPerTable;
        if (Allocate(_machine.PmdOrder) is not Folio folio)
        {
            _collapseAllocsFailed++;
            return (Collapsed.Stopped, Errno.ENOMEM);
        }
        _collapseAllocs++;
        // A marker looks like something that was swapped out, until it is looked at.
        if (process.GuardsIn(first, end).Any())
        {
            EmitFolio(EventKind.ReferenceDown, folio.Frame, 1);
            FreeIfUnused(folio);
            return (Collapsed.Stopped, Errno.EINVAL);
        }
        foreach ((long page, Pte pte) in process.Entries(first, end))
            folio.Contents[page - first] = pte.Folio is null ? 0 : pte.Folio.Contents[pte.Index];
        Emit(EventKind.Flushed, process, first, -1, folio.Pages);
        RemoveSources(process, vma, first, end);
        MapNewPmd(process, vma, first, folio);
        return (Collapsed.Done, default);
    }

    /// <summary>__collapse_huge_page_copy_succeeded: references go batch by batch, large folios stay until all is done.</summary>
    private void RemoveSources(Process process, Vma vma, long first, long end)
    {
        var large = new List<Folio>();
        while (NextBatch(process, first, end, Respect.Nothing) is Batch batch)
        {
            first = batch.Page + batch.Count;
            ZapBatch(process, vma, batch);
            if (batch.First.Folio is not Folio source)
                continue;
            EmitFolio(EventKind.ReferenceDown, source.Frame, batch.Count);
            if (!source.IsLarge)
                FreeIfUnused(source);
            else if (!large.Contains(source))
                large.Add(source);
        }
        foreach (Folio source in large)
            FreeIfUnused(source);
    }

    /// <summary>khugepaged at one block: it wants policy to allow the order, and looks whether the copy is worth its cost.</summary>
    private Outcome Khugepaged(Process process, long page)
    {
        long first = BlockStart(page, _machine.PmdOrder);
        long end = first + _machine.EntriesPerTable;
        Vma? vma = page < 0 ? null : process.FindVma(page);
        bool allowed = vma is not null && vma.Covers(first, end) && vma.AnonVma is not null && IsAllowed(process, vma, _machine.PmdOrder);
        if (!allowed || !process.Tables.Contains(BlockOf(page)))
            return Outcome.Ok;
        if (!CollapseInPlace(process, vma!, first) && IsWorthCollapsing(process, first, end))
            CollapseBlock(process, vma!, first, mayReform: false);
        return Outcome.Ok;
    }

    private bool IsWorthCollapsing(Process process, long first, long end)
    {
        int size = _machine.EntriesPerTable;
        Pte[] entries = [.. process.Entries(first, end).Select(entry => entry.Pte).Where(pte => pte.Folio is not null)];
        int guards = process.GuardsIn(first, end).Count();
        int young = entries.Count(pte => pte.Young);
        return size - entries.Length - guards <= _machine.MaxPtesNone
            && entries.Count(pte => IsMappedByOthers(pte.Folio!)) <= _machine.MaxPtesShared
            && guards <= size / 8
            && young > 0 && (guards == 0 || young >= size / 2);
    }

    /// <summary>folio_maybe_mapped_shared of a folio of any size.</summary>
    private bool IsMappedByOthers(Folio folio) => folio.IsLarge ? IsMaybeMappedShared(folio) : Count(folio).Mapcount > 1;
}
