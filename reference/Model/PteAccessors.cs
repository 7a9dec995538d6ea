using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>The accessors through which entries change (set_ptes, clear_full_ptes, wrprotect_ptes, clear_young_dirty_ptes, ptep_set_access_flags; SPECIFICATION.md 7.5, 17.28).</summary>
internal sealed partial class PageTable
{
    /// <summary>set_ptes: consecutive pages of one folio behind entries that were none, alike but for the page.</summary>
    public void Set(long page, Pte first, int count = 1)
    {
        if (count > 1)
        {
            SetSeveral(page, first, count);
            return;
        }
        if (HasLayer)
            Note(EventKind.PteRead, page, 1);
        Note(EventKind.PteStored, page, 1);
        _descriptors[page] = first with { Pmd = false, Contiguous = false };
        if (HasLayer)
            TryFold(page);
    }

    /// <summary>pte_range_none: a last look at the entries that several pages go behind, whether they are still none.</summary>
    public void LookAtNone(long page, int count)
    {
        if (count > 1)
            Note(EventKind.PteRead, page, count);
    }

    /// <summary>clear_full_ptes. Returns the first entry, young and dirty if any was.</summary>
    public Pte Clear(long page, int count = 1)
    {
        bool young = false;
        bool dirty = false;
        for (int i = 0; i < count; i++)
        {
            young |= this[page + i].Young;
            dirty |= this[page + i].Dirty;
        }
        UnfoldEnds(page, count);
        Note(EventKind.PteExchanged, page, count);
        Pte first = _descriptors[page];
        for (int i = 0; i < count; i++)
        {
            if (_descriptors[page + i].Contiguous && (page + i) % machine.ContPteEntries == 0)
                Note(EventKind.ClearedFolded, page + i, machine.ContPteEntries, FrameAt(page + i));
            _descriptors.Remove(page + i);
        }
        return first with { Young = young, Dirty = dirty };
    }

    /// <summary>wrprotect_ptes.</summary>
    public void WriteProtect(long page, int count)
    {
        UnfoldEnds(page, count);
        Note(EventKind.PteExchanged, page, count);
        for (int i = 0; i < count; i++)
            _descriptors[page + i] = _descriptors[page + i] with { Writable = false };
    }

    /// <summary>clear_young_dirty_ptes: whole blocks where the ends of the range are folded.</summary>
    public void Clean(long page, int count, bool dirtyToo)
    {
        long start = page;
        long end = page + count;
        if (HasLayer && (count > 1 || _descriptors[page].Contiguous))
        {
            Note(EventKind.PteRead, end - 1, 1);
            Note(EventKind.PteRead, page, 1);
            if (_descriptors[end - 1].Contiguous)
                end = BlockOf(end - 1) + machine.ContPteEntries;
            if (_descriptors[page].Contiguous)
                start = BlockOf(page);
        }
        else if (HasLayer)
        {
            Note(EventKind.PteRead, page, 1);
        }
        Note(EventKind.PteExchanged, start, (int)(end - start));
        for (long each = start; each < end; each++)
            _descriptors[each] = _descriptors[each] with { Young = false, Dirty = _descriptors[each].Dirty && !dirtyToo };
    }

    /// <summary>ptep_set_access_flags: more is allowed, or was done, than before.</summary>
    /// <param name="page">The page.</param>
    /// <param name="entry">What its logical entry becomes.</param>
    /// <param name="dirty">Whether this is about a store, so that nobody may go on with a translation that forbids it.</param>
    public void SetAccessFlags(long page, Pte entry, bool dirty)
    {
        entry = entry with { Contiguous = false };
        if (HasLayer)
            Note(EventKind.PteRead, page, 1);
        if (_descriptors[page].Contiguous)
        {
            SetAccessFlagsInBlock(page, entry, dirty);
            return;
        }
        if (_descriptors[page] == entry)
            return;
        Note(EventKind.PteExchanged, page, 1);
        if (HasLayer && dirty)
            Note(EventKind.Flushed, page, 1);
        _descriptors[page] = entry;
    }

    /// <summary>An access through the entry, as the hardware notes it: in the descriptor that it went through.</summary>
    public void Access(long page, bool store) =>
        _descriptors[page] = _descriptors[page] with { Young = true, Dirty = _descriptors[page].Dirty || store };

    /// <summary>folio_pte_batch: how many descriptors are read to find that a batch ends where it does.</summary>
    /// <param name="page">First page of the batch.</param>
    /// <param name="count">Its entries.</param>
    /// <param name="limit">The page at which nobody looks any more.</param>
    public int ReadsOfBatch(long page, int count, long limit)
    {
        int reads = 0;
        for (long each = page; each < limit; each += StepFrom(each))
        {
            reads += ReadsOf(each);
            if (each >= page + count)
                break;
        }
        return reads;
    }

    private void SetSeveral(long page, Pte first, int count)
    {
        int size = HasLayer ? machine.ContPteEntries : count;
        for (int done = 0; done < count;)
        {
            int piece = HasLayer ? Math.Min(count - done, (int)(BlockOf(page + done) + size - (page + done))) : count;
            bool folded = HasLayer && piece == size && (first.Folio!.Frame + first.Index + done) % size == 0 && !first.ProtNone;
            Note(EventKind.PteStored, page + done, piece);
            for (int i = done; i < done + piece; i++)
                _descriptors[page + i] = first with { Index = first.Index + i, Pmd = false, Contiguous = folded };
            if (folded)
                Note(EventKind.SetFolded, page + done, size, FrameAt(page + done));
            done += piece;
        }
    }
}
