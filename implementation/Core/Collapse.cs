using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Collapse: the pages of a block are copied into a new folio of the PMD order, which a PMD maps (SPECIFICATION.md 8.6, 17.23). Who
/// asks for it: madvise here, khugepaged in a file of its own.
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>thp_collapse_alloc.</summary>
    private long _collapseAlloc;

    /// <summary>thp_collapse_alloc_failed.</summary>
    private long _collapseAllocFailed;

    /// <summary>Large folios whose pages are being copied away, in the order in which they were met.</summary>
    private readonly List<int> _emptied = [];

    /// <summary>How collapsing one block ended: enum scan_result.</summary>
    private enum CollapseResult
    {
        /// <summary>A PMD maps the block now, or did already.</summary>
        Done,

        /// <summary>Nothing is mapped, or a guard marker is there.</summary>
        NothingToCollapse,

        /// <summary>Nothing is mapped at an entry that userfaultfd would have to hear of.</summary>
        EntryMissing,

        /// <summary>userfaultfd protects an entry.</summary>
        WriteProtected,

        /// <summary>Somebody holds a reference on a folio.</summary>
        Referenced,

        /// <summary>khugepaged does not think that it is worth it.</summary>
        NotWorthwhile,

        /// <summary>No folio of the PMD order.</summary>
        NoFolio,
    }

    /// <summary>What the entries of a block are, in numbers.</summary>
    /// <param name="None">None, or of the zero page.</param>
    /// <param name="Guards">Guard markers.</param>
    /// <param name="Shared">Of folios that look shared.</param>
    /// <param name="Young">Young ones of folios.</param>
    private record struct BlockCensus(int None, int Guards, int Shared, int Young);

    /// <summary>madvise_collapse of a range within one VMA. Returns what is wrong, or null.</summary>
    private Errno? Collapse(Process process, Vma vma, long from, long end)
    {
        int entries = _machine.EntriesPerTable;
        if (vma.AnonVma is null || !_orders.MayCollapse(process.ThpDisable, vma))
            return Errno.EINVAL;
        long block = (from + entries - 1) / entries * entries;
        long stop = end / entries * entries;
        // The kernel compares with the number of blocks in an unsigned difference.
        if (block > stop)
            return Errno.EINVAL;
        Errno? failure = null;
        for (; block < stop; block += entries)
        {
            CollapseResult result = CollapseBlock(process, vma, block, byKhugepaged: false);
            if (result == CollapseResult.Done)
                continue;
            failure = ErrnoOf(result);
            if (result is not (CollapseResult.WriteProtected or CollapseResult.Referenced))
                break;
        }
        return failure;
    }

    /// <summary>madvise_collapse_errno.</summary>
    private static Errno ErrnoOf(CollapseResult result) => result switch
    {
        CollapseResult.EntryMissing => Errno.EBUSY,
        CollapseResult.Referenced => Errno.EAGAIN,
        CollapseResult.NoFolio => Errno.ENOMEM,
        _ => Errno.EINVAL,
    };

    /// <summary>hpage_collapse_scan_pmd and collapse_huge_page.</summary>
    private CollapseResult CollapseBlock(Process process, Vma vma, long block, bool byKhugepaged)
    {
        if (process.Table.PmdAt(block) is not null)
            return CollapseResult.Done;
        if (process.Table.Find(block) is not { } leaf)
            return CollapseResult.NothingToCollapse;
        if (Has(Extensions.InPlaceCollapse) && MayRemapInPlace(leaf) && !leaf.IsUffdWp(0))
        {
            RemapInPlace(process, vma, block, leaf);
            return CollapseResult.Done;
        }
        CollapseResult result = ScanBlock(vma, leaf, out BlockCensus census);
        if (result != CollapseResult.Done)
            return result;
        if (byKhugepaged && !IsWorthCollapsing(census))
            return CollapseResult.NotWorthwhile;
        if (!byKhugepaged && Has(Extensions.ReformByMigration) && census.Guards == 0 && TryReform(process, vma, block, leaf))
            return CollapseResult.Done;
        int folio = Allocate(_machine.PmdOrder);
        if (folio < 0)
        {
            _collapseAllocFailed++;
            return CollapseResult.NoFolio;
        }
        _collapseAlloc++;
        if (census.Guards > 0)
        {
            // __collapse_huge_page_swapin takes a marker for a page that could be had, and fails.
            Discard(folio);
            return CollapseResult.NothingToCollapse;
        }
        CollapseInto(process, vma, block, leaf, folio);
        return CollapseResult.Done;
    }

    /// <summary>The entries of a block, ascending, up to the first that forbids it.</summary>
    private CollapseResult ScanBlock(Vma vma, LeafTable leaf, out BlockCensus census)
    {
        census = default;
        for (int index = 0; index < leaf.Frames.Length; index++)
        {
            if (leaf.IsGuard(index))
            {
                census.Guards++;
                continue;
            }
            if (!leaf.Present[index] || leaf.Special[index])
            {
                census.None++;
                if (vma.HasUffdWp)
                    return CollapseResult.EntryMissing;
                continue;
            }
            int folio = _folios.Head[leaf.Frames[index]];
            if (leaf.IsUffdWp(index))
                return CollapseResult.WriteProtected;
            if (!_folios.HasOnlyMappings(folio))
                return CollapseResult.Referenced;
            census.Shared += _folios.MaybeMappedShared(folio) ? 1 : 0;
            census.Young += leaf.IsYoung(index) ? 1 : 0;
        }
        return CollapseResult.Done;
    }

    /// <summary>The second half of collapse_huge_page: nothing can fail any more.</summary>
    private void CollapseInto(Process process, Vma vma, long block, LeafTable leaf, int folio)
    {
        Emit(EventKind.Flushed, process, block, LeafTable.NoFrame, _machine.EntriesPerTable);
        CopyContents(leaf, folio);
        ClearAllCollapsed(process, vma, block, leaf);
        MapNewPmd(process, vma, block, folio);
    }

    /// <summary>All entries of a block go; the leaf table is to be deposited.</summary>
    private void ClearAllCollapsed(Process process, Vma vma, long block, LeafTable leaf)
    {
        var whole = new PageTable.LeafRange(leaf, null, block, 0, leaf.Frames.Length);
        int index = leaf.Present.NextSet(0, leaf.Frames.Length);
        while (index < leaf.Frames.Length)
            index = leaf.Present.NextSet(index + ClearCollapsed(process, vma, whole, index), leaf.Frames.Length);
        leaf.Clear(0, leaf.Frames.Length);
        foreach (int emptied in CollectionsMarshal.AsSpan(_emptied))
        {
            if (_folios.References[emptied] == 0)
                Free(emptied);
        }
        _emptied.Clear();
    }

    /// <summary>__collapse_huge_page_copy. A fresh folio is full of zeroes.</summary>
    private void CopyContents(LeafTable leaf, int folio)
    {
        int[] tokens = _folios.Token;
        for (int index = 0; index < leaf.Frames.Length; index++)
        {
            if (leaf.Present[index] && !leaf.Special[index])
                tokens[folio + index] = tokens[leaf.Frames[index]];
        }
    }

    /// <summary>
    /// __collapse_huge_page_copy_succeeded for one batch; returns its length. A large folio is held until the whole block is done.
    /// </summary>
    private int ClearCollapsed(Process process, Vma vma, in PageTable.LeafRange range, int index)
    {
        long page = range.FirstPage + index;
        int frame = range.Leaf.Frames[index];
        int count = LookForBatch(process, range, index, BatchCuts.None);
        ClearPtes(process, range.Leaf, page, count);
        Emit(EventKind.PteCleared, process, page, frame, count);
        if (frame == LeafTable.NoFrame)
            return count;
        int folio = _folios.Head[frame];
        _rmap.Remove(folio, frame, count, process);
        if (vma.IsLocked)
            MunlockFolio(folio);
        Emit(EventKind.MapcountDown, process, page, frame, count);
        DropCollapsed(folio, count);
        return count;
    }

    private void DropCollapsed(int folio, int count)
    {
        if (_folios.Order[folio] == 0)
        {
            DropReferences(folio, count);
            return;
        }
        _folios.References[folio] -= count;
        EmitFolio(EventKind.ReferenceDown, folio, count);
        if (!_emptied.Contains(folio))
            _emptied.Add(folio);
    }
}
