using System.Runtime.CompilerServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// The accessors of page-table entries: what every change of a present entry goes through, and which raw events it makes (SPECIFICATION.md 17.28). On x86 each
/// is the plain change of a descriptor; on arm64 it keeps blocks folded, folds and unfolds them (arch/arm64/mm/contpte.c).
/// <para>
/// Walks change the entries themselves, many at a time: they call <see cref="ClearPtes"/> and <see cref="WrprotectPtes"/> while the entries are as they were,
/// and <see cref="SetPtes"/> when they are as they will be.
/// </para>
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Whether anybody hears of micro-steps. A constant of the compiled code.</summary>
    private static bool HasEvents => typeof(TSink) != typeof(NoEvents);

    /// <summary>Whether blocks of entries are folded.</summary>
    private readonly bool _hasContpte;

    /// <summary>set_ptes: entries that were none, alike but for their pages, were written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetPtes(Process process, LeafTable leaf, long page, int count)
    {
        if (!_hasContpte)
            EmitRaw(EventKind.PteStored, process, page, count);
        else if (count == 1)
            SetContpte(process, leaf, page);
        else
            SetContptes(process, leaf, page, count);
    }

    /// <summary>
    /// clear_full_ptes, get_and_clear_ptes: present entries are about to be cleared, and are not folded any more. If one of them was young or dirty as a walk
    /// reads it, the descriptor of one of them says so now.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ClearPtes(Process process, LeafTable leaf, long page, int count)
    {
        if (_hasContpte)
            UnfoldPartial(process, leaf, page, count);
        EmitRaw(EventKind.PteExchanged, process, page, count);
        if (_hasContpte)
            ClearFolded(process, leaf, page, count);
    }

    /// <summary>wrprotect_ptes: present entries are about to lose the write bit. Blocks that lose it as a whole stay folded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WrprotectPtes(Process process, LeafTable leaf, long page, int count)
    {
        if (_hasContpte)
            UnfoldPartial(process, leaf, page, count);
        EmitRaw(EventKind.PteExchanged, process, page, count);
    }

    /// <summary>clear_young_dirty_ptes: takes young, and dirty too if that is wanted, from present entries, and from what is folded with them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ClearYoungDirtyPtes(Process process, LeafTable leaf, long page, int count, bool dirtyToo)
    {
        int from = process.Table.EntryOf(page);
        int end = from + count;
        if (_hasContpte)
            WidenToBlocks(process, leaf, page - from, ref from, ref end);
        EmitRaw(EventKind.PteExchanged, process, page - process.Table.EntryOf(page) + from, end - from);
        leaf.Young.ClearRange(from, end);
        if (dirtyToo)
            leaf.Dirty.ClearRange(from, end);
    }

    /// <summary>ptep_set_access_flags: a present entry gets bits that it may lack: young, dirty, writable, soft-dirty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PtepSetAccessFlags(Process process, LeafTable leaf, long page, PteBits added, bool dirty)
    {
        int index = process.Table.EntryOf(page);
        if (_hasContpte)
        {
            SetContpteAccessFlags(process, leaf, page, added, dirty);
            return;
        }
        if (HasEvents && !leaf.HasAll(index, added))
            EmitRaw(EventKind.PteExchanged, process, page, 1);
        leaf.Add(index, added);
    }

    /// <summary>contpte_set_ptes of one entry.</summary>
    private void SetContpte(Process process, LeafTable leaf, long page)
    {
        EmitRaw(EventKind.PteRead, process, page, 1);
        EmitRaw(EventKind.PteStored, process, page, 1);
        TryFold(process, leaf, page);
    }

    /// <summary>contpte_set_ptes: the whole blocks among several entries are folded from the start, if their frames begin a block, too.</summary>
    private void SetContptes(Process process, LeafTable leaf, long page, int count)
    {
        int block = _machine.ContPteEntries;
        int index = process.Table.EntryOf(page);
        int end = index + count;
        int from = leaf.BlockOf(index + block - 1);
        int stop = leaf.BlockOf(end);
        if (from < stop && leaf.Frames[from] % block == 0 && !leaf.ProtNone[index])
            leaf.SetContiguous(from, stop);
        if (!HasEvents)
            return;
        for (int piece = index; piece < end; piece = leaf.BlockOf(piece + block))
        {
            long first = page + piece - index;
            EmitRaw(EventKind.PteStored, process, first, Math.Min(end, leaf.BlockOf(piece + block)) - piece);
            if (leaf.IsContiguous(piece))
                Emit(EventKind.SetFolded, process, first, leaf.Frames[piece], block);
        }
    }

    /// <summary>
    /// contpte_try_fold: the last entry of a block was set, which may complete it. Its folio has to cover the block; that it does so in frames is enough, for
    /// the entries before it have to map the frames before its.
    /// </summary>
    private void TryFold(Process process, LeafTable leaf, long page)
    {
        int block = _machine.ContPteEntries;
        int index = process.Table.EntryOf(page);
        int frame = leaf.Frames[index];
        bool mayFold = (index + 1) % block == 0 && !leaf.Special[index] && (frame + 1) % block == 0 && !leaf.ProtNone[index]
            && 1 << _folios.Order[_folios.Head[frame]] >= block;
        if (!mayFold)
            return;
        int foldable = leaf.FoldableEntries(index);
        EmitRaw(EventKind.PteRead, process, ContBlockOf(page), Math.Min(foldable + 1, block));
        if (foldable < block)
            return;
        Convert(process, leaf, page);
        leaf.SetContiguous(leaf.BlockOf(index), index + 1);
        Emit(EventKind.Folded, process, ContBlockOf(page), frame + 1 - block, block);
    }

    /// <summary>contpte_try_unfold: the block around an entry is not folded any more.</summary>
    private void TryUnfold(Process process, LeafTable leaf, long page)
    {
        int index = process.Table.EntryOf(page);
        if (!leaf.IsContiguous(index))
            return;
        int first = leaf.BlockOf(index);
        Convert(process, leaf, page);
        leaf.ClearContiguous(first, first + _machine.ContPteEntries);
        Emit(EventKind.Unfolded, process, ContBlockOf(page), leaf.Frames[first], _machine.ContPteEntries);
    }

    /// <summary>contpte_convert, but for the contiguous bit: all entries of a block are taken out and written anew, and know then what any of them knew.</summary>
    private void Convert(Process process, LeafTable leaf, long page)
    {
        int block = _machine.ContPteEntries;
        long firstPage = ContBlockOf(page);
        int first = process.Table.EntryOf(firstPage);
        EmitRaw(EventKind.PteExchanged, process, firstPage, block);
        if (!_machine.Bbml2)
            EmitRaw(EventKind.Flushed, process, firstPage, block);
        EmitRaw(EventKind.PteStored, process, firstPage, block);
        leaf.SmearYoungAndDirty(first, first + block);
    }

    /// <summary>contpte_try_unfold_partial: a block of which only a part is about to change cannot stay folded.</summary>
    private void UnfoldPartial(Process process, LeafTable leaf, long page, int count)
    {
        int block = _machine.ContPteEntries;
        long last = page + count - 1;
        if (count < block || page % block != 0)
            ReadAndUnfold(process, leaf, page);
        if (count > 1 && (last + 1) % block != 0)
            ReadAndUnfold(process, leaf, last);
    }

    private void ReadAndUnfold(Process process, LeafTable leaf, long page)
    {
        EmitRaw(EventKind.PteRead, process, page, 1);
        TryUnfold(process, leaf, page);
    }

    /// <summary>What is folded still among entries that are cleared goes as a whole.</summary>
    private void ClearFolded(Process process, LeafTable leaf, long page, int count)
    {
        if (!leaf.HasContiguous)
            return;
        int block = _machine.ContPteEntries;
        int index = process.Table.EntryOf(page);
        int end = index + count;
        if (HasEvents)
        {
            for (int first = leaf.Contiguous.NextSet(index, end); first < end; first = leaf.Contiguous.NextSet(first + block, end))
                Emit(EventKind.ClearedFolded, process, page + first - index, leaf.Frames[first], block);
        }
        leaf.ClearContiguous(index, end);
    }

    /// <summary>contpte_clear_young_dirty_ptes: what is folded with the ends of a range ages with it.</summary>
    private void WidenToBlocks(Process process, LeafTable leaf, long tablePage, ref int from, ref int end)
    {
        int last = end - 1;
        if (end - from > 1 || leaf.IsContiguous(from))
            EmitRaw(EventKind.PteRead, process, tablePage + last, 1);
        if (leaf.IsContiguous(last))
            end = leaf.BlockOf(last) + _machine.ContPteEntries;
        EmitRaw(EventKind.PteRead, process, tablePage + from, 1);
        if (leaf.IsContiguous(from))
            from = leaf.BlockOf(from);
    }

    /// <summary>contpte_ptep_set_access_flags.</summary>
    private void SetContpteAccessFlags(Process process, LeafTable leaf, long page, PteBits added, bool dirty)
    {
        int index = process.Table.EntryOf(page);
        EmitRaw(EventKind.PteRead, process, page, 1);
        if (leaf.IsContiguous(index))
        {
            if (leaf.Writable[index] || (added & PteBits.Writable) == 0)
            {
                AccessFolded(process, leaf, page, added, dirty);
                return;
            }
            TryUnfold(process, leaf, page);
        }
        else if (leaf.HasAll(index, added))
        {
            return;
        }
        EmitRaw(EventKind.PteExchanged, process, page, 1);
        leaf.Add(index, added);
        if (dirty)
            EmitRaw(EventKind.Flushed, process, page, 1);
    }

    /// <summary>
    /// Young and dirty of a folded block. All descriptors get them, for who looks may be a walker that goes by the descriptor itself and would fault for ever.
    /// </summary>
    private void AccessFolded(Process process, LeafTable leaf, long page, PteBits added, bool dirty)
    {
        int block = _machine.ContPteEntries;
        int index = process.Table.EntryOf(page);
        long firstPage = ContBlockOf(page);
        bool young = (added & PteBits.Young) != 0 || leaf.IsYoung(index);
        bool written = (added & PteBits.Dirty) != 0 || leaf.IsDirty(index);
        int equal = leaf.EntriesWith(index, young, written, leaf.Writable[index]);
        EmitRaw(EventKind.PteRead, process, firstPage, Math.Min(equal + 1, block));
        if (equal == block)
            return;
        EmitRaw(EventKind.PteExchanged, process, firstPage, block);
        int first = leaf.BlockOf(index);
        if (young)
            leaf.Young.SetRange(first, first + block);
        if (written)
            leaf.Dirty.SetRange(first, first + block);
        if (dirty)
            EmitRaw(EventKind.Flushed, process, firstPage, block);
    }

    /// <summary>First page of the contiguous-PTE block around a page.</summary>
    private long ContBlockOf(long page) => page & -(long)_machine.ContPteEntries;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitRaw(EventKind kind, Process process, long page, int count) => Emit(kind, process, page, LeafTable.NoFrame, count);
}
