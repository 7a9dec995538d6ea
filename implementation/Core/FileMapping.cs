using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Shared mappings of the machine's one file, whose folios stay in the page cache once a fault brought them in: mmap_file, do_read_fault and do_shared_fault
/// with finish_fault, and what zap does with their pages (SPECIFICATION.md 17.29).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Stands in the page cache for a folio that no fault has asked for yet.</summary>
    private const int NotCached = -1;

    /// <summary>The page cache: the folios of the file by their place in it. Without a file it is empty.</summary>
    private readonly int[] _pageCache;

    private static int[] EmptyPageCache(Machine machine)
    {
        int[] cache = new int[machine.FilePages >> machine.FileOrder];
        cache.AsSpan().Fill(NotCached);
        return cache;
    }

    private Outcome MmapFile(Process process, long address, long length, long filePage, Protection protection)
    {
        if (!IsRange(address, length) || length == 0 || filePage is < 0 or > Machine.LengthWrapsPages)
            return Outcome.Error(Errno.EINVAL);
        if (!FitsAddressSpace(address, length))
            return Outcome.Error(Errno.ENOMEM);
        if (_pageCache.Length == 0)
            return Outcome.Error(Errno.EINVAL);
        Unmap(process, address, address + length);
        VmaFlags flags = _machine.SoftDirty ? VmaFlags.Shared | VmaFlags.SoftDirty : VmaFlags.Shared;
        Vma vma = process.Vmas.Add(address, address + length, Known(protection), flags, offset: filePage - address);
        process.Vmas.MergeAround(vma, SoftDirtyOf.Piece);
        return Outcome.Ok;
    }

    /// <summary>Whether an operation would do something to a mapping of the file that the models do not have.</summary>
    private bool IsBeyondFiles(Process process, in Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Mmap or OperationKind.MmapFile or OperationKind.Munmap or OperationKind.Fork or OperationKind.Exit:
            case OperationKind.Read or OperationKind.Write or OperationKind.WriteRange:
            case OperationKind.Put or OperationKind.Unpin or OperationKind.ThpDisable:
            case OperationKind.Madvise when operation.Advice == Advice.DontNeed:
                return false;
            case OperationKind.ClearSoftDirty:
                return MapsFile(process, 0, Machine.AddressSpacePages);
            case OperationKind.Khugepaged:
                return MapsFile(process, process.Table.BlockOf(operation.Address), _machine.EntriesPerTable);
            // A destination is one whether or not the flags let the call go there.
            case OperationKind.Mremap:
                return MapsFile(process, operation.Address, operation.Length) || MapsFile(process, operation.NewAddress, operation.NewLength);
            default:
                return MapsFile(process, operation.Address, operation.Length);
        }
    }

    /// <summary>Whether a mapping of the file has pages in a range, of which nobody has looked at the numbers yet.</summary>
    private static bool MapsFile(Process process, long from, long length)
    {
        if (length <= 0)
            return false;
        long end = from > long.MaxValue - length ? long.MaxValue : from + length;
        for (int index = process.Vmas.IndexEndingAfter(from); process.Vmas.At(index) is { } vma && vma.Start < end; index++)
        {
            if (vma.IsShared)
                return true;
        }
        return false;
    }

    /// <summary>A fault at a page of the file that the process has no entry for.</summary>
    private FaultResult FileFault(Process process, Vma vma, long page, bool write)
    {
        EmitFault(process, page);
        // Asked in this way round a page far behind the end does not overflow.
        if (page >= _machine.FilePages - vma.Offset)
            return FaultResult.BeyondEnd;
        LeafTable leaf = process.Table.FindOrCreate(page);
        int folio = FindCached((int)(page + vma.Offset) >> _machine.FileOrder);
        if (folio < 0)
            return FaultResult.OutOfMemory;
        (long first, int count) = PagesToMap(vma, folio, page);
        if (count > 1 && HoldsAny(process, leaf, first, count))
            (first, count) = (page, 1);
        int frame = folio + (int)(first + vma.Offset - _folios.Index[folio]);
        MapFilePages(process, vma, leaf, first, frame, count, write);
        return FaultResult.Done;
    }

    /// <summary>pte_range_none, the other way round.</summary>
    private bool HoldsAny(Process process, LeafTable leaf, long page, int count)
    {
        EmitRaw(EventKind.PteRead, process, page, count);
        int index = process.Table.EntryOf(page);
        return leaf.HoldsAny(index, index + count);
    }

    /// <summary>The folio of a place in the file, brought into the cache if need be; -1 when memory ran out.</summary>
    private int FindCached(int place)
    {
        int cached = _pageCache[place];
        if (cached != NotCached)
            return cached;
        int folio = Allocate(_machine.FileOrder);
        if (folio < 0)
            return folio;
        int pages = 1 << _machine.FileOrder;
        if (pages > 1)
            TakeReferences(folio, pages - 1);
        _folios.MakeFile(folio, (long)place << _machine.FileOrder);
        _pageCache[place] = folio;
        return folio;
    }

    /// <summary>The pages that finish_fault would like to map around one, if no entry is there; the page alone if they do not lie in VMA, leaf table and folio.</summary>
    private (long First, int Count) PagesToMap(Vma vma, int folio, long page)
    {
        long folioStart = _folios.Index[folio] - vma.Offset;
        long folioEnd = folioStart + (1 << _folios.Order[folio]);
        (long first, long end) = _machine.FinishFault switch
        {
            FinishFault.Folio => (folioStart, folioEnd),
            FinishFault.Window => (page & -(long)_machine.FaultAroundPages, (page | (_machine.FaultAroundPages - 1L)) + 1),
            _ => (page, page + 1),
        };
        long tableStart = page & -(long)_machine.EntriesPerTable;
        bool fits = first >= Math.Max(folioStart, Math.Max(vma.Start, tableStart))
            && end <= Math.Min(folioEnd, Math.Min(vma.End, tableStart + _machine.EntriesPerTable));
        return fits ? (first, (int)(end - first)) : (page, 1);
    }

    /// <summary>set_pte_range: entries that were none map pages of a folio. What a store maps is dirty, all of it.</summary>
    private void MapFilePages(Process process, Vma vma, LeafTable leaf, long page, int frame, int count, bool write)
    {
        int folio = _folios.Head[frame];
        TakeReferences(folio, count);
        _rmap.AddFile(folio, frame, count, process);
        Emit(EventKind.MapcountUp, process, page, frame, count);
        int index = process.Table.EntryOf(page);
        leaf.WriteOfFile(index, frame, count, vma.MayWrite, dirty: write);
        if (write)
            _folios.Flags[folio] |= FolioFlags.Dirty;
        if (write && _machine.SoftDirty)
            leaf.SetSoftDirty(index, index + count);
        SetPtes(process, leaf, page, count);
        Emit(EventKind.PteWritten, process, page, frame, count);
    }

    /// <summary>zap_present_folio_ptes of a folio of the file: what the entries, which are about to be cleared, know of stores is the folio's from now on.</summary>
    private void ZapFileBatch(Process process, LeafTable leaf, long page, int frame, int count)
    {
        int folio = _folios.Head[frame];
        int index = process.Table.EntryOf(page);
        if (leaf.Dirty.Any(index, index + count))
            _folios.Flags[folio] |= FolioFlags.Dirty;
        _rmap.RemoveFile(folio, frame, count, process);
        Emit(EventKind.MapcountDown, process, page, frame, count);
        Gather(folio, count);
    }

    /// <summary>Folios of the file that nothing maps are in the page cache all the same.</summary>
    private void GatherUnmappedOfFile()
    {
        foreach (int folio in _pageCache)
        {
            if (folio != NotCached && _folios.MapcountOf(folio) == 0)
                _unmapped.Add((_folios.Birth[folio], folio));
        }
    }
}
