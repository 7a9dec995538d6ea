using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// The arm64 contpte layer: blocks of entries that one translation can stand for are folded when their last entry is set, and unfolded before anything changes in
/// them (contpte_try_fold, contpte_try_unfold, contpte_convert; SPECIFICATION.md 7, 17.28).
/// </summary>
internal sealed partial class PageTable
{
    private bool HasLayer => machine.Arch == Arch.Arm64;

    /// <summary>First page of the block around a page.</summary>
    private long BlockOf(long page) => page / machine.ContPteEntries * machine.ContPteEntries;

    /// <summary>The pages of the block around a page.</summary>
    private IEnumerable<long> Block(long page)
    {
        for (int i = 0; i < machine.ContPteEntries; i++)
            yield return BlockOf(page) + i;
    }

    private int FrameAt(long page) => _descriptors[page].Folio!.Frame + _descriptors[page].Index;

    /// <summary>contpte_ptep_get: in a folded block, what one descriptor knows of accesses is true of all.</summary>
    private Pte Logical(long page, Pte descriptor) => !descriptor.Contiguous
        ? descriptor
        : descriptor with { Young = Block(page).Any(each => _descriptors[each].Young), Dirty = Block(page).Any(each => _descriptors[each].Dirty) };

    /// <summary>pte_batch_hint: entries up to the end of a folded block need not be looked at.</summary>
    private int StepFrom(long page) =>
        _descriptors.TryGetValue(page, out Pte descriptor) && descriptor.Contiguous ? (int)(BlockOf(page) + machine.ContPteEntries - page) : 1;

    /// <summary>How many descriptors are read for one logical entry: a folded block until it is known to be both young and dirty.</summary>
    private int ReadsOf(long page)
    {
        if (!_descriptors.TryGetValue(page, out Pte descriptor) || !descriptor.Contiguous)
            return 1;
        int reads = 0;
        bool young = false;
        bool dirty = false;
        foreach (long each in Block(page))
        {
            if (young && dirty)
                break;
            reads++;
            young |= _descriptors[each].Young;
            dirty |= _descriptors[each].Dirty;
        }
        return 1 + reads;
    }

    /// <summary>contpte_try_fold: only the last entry of a block asks whether all of it can be one translation.</summary>
    private void TryFold(long page)
    {
        int size = machine.ContPteEntries;
        Pte last = _descriptors[page];
        if (page % size != size - 1 || last.Folio is not Folio folio || last.ProtNone || FrameAt(page) % size != size - 1)
            return;
        long folioStart = page - last.Index;
        if (folioStart > BlockOf(page) || folioStart + folio.Pages < BlockOf(page) + size)
            return;
        int reads = 0;
        foreach (long each in Block(page))
        {
            reads++;
            if (Fits(each, last, (int)(page - each)))
                continue;
            Note(EventKind.PteRead, BlockOf(page), reads);
            return;
        }
        Note(EventKind.PteRead, BlockOf(page), reads);
        Convert(page, contiguous: true);
        Note(EventKind.Folded, BlockOf(page), size, FrameAt(BlockOf(page)));
    }

    /// <summary>Whether the entry so many places before another one could be one translation with it: all but young and dirty count.</summary>
    private bool Fits(long page, Pte last, int places) =>
        _descriptors.TryGetValue(page, out Pte descriptor)
        && descriptor with { Young = false, Dirty = false } == last with { Young = false, Dirty = false, Index = last.Index - places };

    private void TryUnfold(long page)
    {
        if (!_descriptors[page].Contiguous)
            return;
        Convert(page, contiguous: false);
        Note(EventKind.Unfolded, BlockOf(page), machine.ContPteEntries, FrameAt(BlockOf(page)));
    }

    /// <summary>contpte_try_unfold_partial: blocks that a range covers in part.</summary>
    private void UnfoldEnds(long page, int count)
    {
        if (!HasLayer)
            return;
        int size = machine.ContPteEntries;
        if (page % size != 0 || count < size)
        {
            Note(EventKind.PteRead, page, 1);
            TryUnfold(page);
        }
        if (count > 1 && (page + count) % size != 0)
        {
            Note(EventKind.PteRead, page + count - 1, 1);
            TryUnfold(page + count - 1);
        }
    }

    /// <summary>contpte_convert: a block is taken out and put back; what one descriptor knew, all know.</summary>
    private void Convert(long page, bool contiguous)
    {
        int size = machine.ContPteEntries;
        Note(EventKind.PteExchanged, BlockOf(page), size);
        if (!machine.Bbml2)
            Note(EventKind.Flushed, BlockOf(page), size);
        Note(EventKind.PteStored, BlockOf(page), size);
        bool young = Block(page).Any(each => _descriptors[each].Young);
        bool dirty = Block(page).Any(each => _descriptors[each].Dirty);
        foreach (long each in Block(page))
            _descriptors[each] = _descriptors[each] with { Contiguous = contiguous, Young = young, Dirty = dirty };
    }

    /// <summary>contpte_ptep_set_access_flags: a folded block stays so, unless the write bit of one entry changes.</summary>
    private void SetAccessFlagsInBlock(long page, Pte entry, bool dirty)
    {
        if (_descriptors[page].Writable != entry.Writable)
        {
            TryUnfold(page);
            Note(EventKind.PteExchanged, page, 1);
            if (dirty)
                Note(EventKind.Flushed, page, 1);
            _descriptors[page] = entry;
            return;
        }
        // Every descriptor is compared: another walker may have gone through one that does not know yet.
        int reads = Block(page).TakeWhile(each => _descriptors[each].Young == entry.Young && _descriptors[each].Dirty == entry.Dirty).Count();
        bool equal = reads == machine.ContPteEntries;
        Note(EventKind.PteRead, BlockOf(page), equal ? reads : reads + 1);
        if (equal)
            return;
        Note(EventKind.PteExchanged, BlockOf(page), machine.ContPteEntries);
        if (dirty)
            Note(EventKind.Flushed, BlockOf(page), machine.ContPteEntries);
        foreach (long each in Block(page))
            _descriptors[each] = _descriptors[each] with { Young = _descriptors[each].Young || entry.Young, Dirty = _descriptors[each].Dirty || entry.Dirty };
    }
}
