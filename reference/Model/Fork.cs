using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>fork: VMAs and anon_vmas cloned, page tables copied and shared copy-on-write, pinned pages copied (dup_mmap, copy_page_range;
/// SPECIFICATION.md 5.7).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome Fork(Process parent, int number)
    {
        if (number < 0 || _processes.ContainsKey(number))
            return Outcome.NoProcess;
        if (_failNext.Remove(0))
            return Outcome.OutOfMemory(0);
        Process child = NewProcess(number);
        child.ThpDisable = parent.ThpDisable;
        _processes.Add(number, child);
        foreach (((int Handle, bool IsPin) name, Hold hold) in parent.Holds)
        {
            if (name.IsPin)
                continue;
            // The child inherits the pipe.
            child.Holds.Add(name, hold);
            hold.Holders++;
        }
        foreach (Hold lost in parent.LostHolds)
        {
            child.LostHolds.Add(lost);
            lost.Holders++;
        }
        foreach (Vma vma in parent.Vmas.Values)
        {
            if ((vma.Flags & VmaFlags.DontFork) != 0)
                continue;
            if ((vma.Flags & VmaFlags.WipeOnFork) != 0)
            {
                child.Vmas.Add(vma.Start, vma with { Flags = vma.Flags & ~NotInherited, AnonVma = null, Chain = [], Place = default });
                continue;
            }
            child.Vmas.Add(vma.Start, ForkAnonVma(vma) with { Flags = vma.Flags & ~NotInherited, Place = default });
            // Without an anon_vma there is nothing but zero pages: vma_needs_copy leaves them to be faulted again, unless guards may be among them.
            bool copies = vma.AnonVma is not null || (vma.Flags & VmaFlags.MaybeGuard) != 0;
            if (copies && !CopyPageRange(parent, child, vma, child.Vmas[vma.Start]))
            {
                Emit(EventKind.Flushed, parent, 0, -1, 0);
                Exit(child);
                return Outcome.OutOfMemory(0);
            }
        }
        Emit(EventKind.Flushed, parent, 0, -1, 0);
        return Outcome.Ok;
    }

    /// <summary>Memory is locked, and watched by userfaultfd, for one process only.</summary>
    private const VmaFlags NotInherited = LockFlags | VmaFlags.UffdWp;

    /// <summary>copy_pte_range. False: a page could not be copied for want of a frame.</summary>
    private bool CopyPageRange(Process parent, Process child, Vma vma, Vma childVma)
    {
        child.GuardMarkers.UnionWith(parent.GuardsIn(vma.Start, vma.End));
        child.Tables.UnionWith(parent.Tables.Where(block => Overlaps(vma, block)));
        Respect respect = TracksSoftDirty(vma) ? Respect.Dirty | Respect.SoftDirty : Respect.Dirty;
        long page = vma.Start;
        while (NextBatch(parent, page, vma.End, respect) is Batch batch)
        {
            if (batch.First.Folio is not Folio folio)
            {
                CopyZeroEntry(child, batch);
            }
            else if (batch.First.Pmd && MaybePinned(parent, folio) && AnyExclusive(folio, batch))
            {
                // Only single pages can be copied.
                SplitPmd(parent, vma, page = batch.Page);
                continue;
            }
            else if (!MaybePinned(parent, folio) || !AnyExclusive(folio, batch))
            {
                ShareBatch(parent, child, batch, folio);
            }
            else
            {
                // The batch is given up: its first page is looked at alone, then the walk goes on after it.
                batch = batch with { Count = 1 };
                if (!AnyExclusive(folio, batch))
                    ShareBatch(parent, child, batch, folio);
                else if (!CopyPinnedPage(child, childVma, batch, folio))
                    return false;
            }
            page = batch.Page + batch.Count;
        }
        return true;
    }

    /// <summary>folio_needs_cow_for_dma: pins of this process may exist, and the folio looks pinned.</summary>
    private bool MaybePinned(Process parent, Folio folio) =>
        parent.HasPinned && LooksPinned(folio);

    /// <summary>folio_maybe_dma_pinned.</summary>
    private bool LooksPinned(Folio folio) => folio.IsLarge ? folio.Pins > 0 : References(folio) >= Folio.PinBias;

    private static bool AnyExclusive(Folio folio, Batch batch) => folio.Exclusive.AsSpan(batch.First.Index, batch.Mappings).Contains(true);

    /// <summary>copy_present_page: the child gets a page of its own, so that the pinned one stays the parent's alone.</summary>
    private bool CopyPinnedPage(Process child, Vma vma, Batch batch, Folio folio)
    {
        if (Allocate(0) is not Folio copy)
            return false;
        copy.Contents[0] = folio.Contents[batch.First.Index];
        child.PageTable.Set(batch.Page, CopiedPte(vma) with { Folio = copy });
        AddNewRmap(child, vma, copy);
        Emit(EventKind.MapcountUp, child, batch.Page, copy.Frame, 1);
        Emit(EventKind.PteWritten, child, batch.Page, copy.Frame, 1);
        return true;
    }

    private void CopyZeroEntry(Process child, Batch batch)
    {
        Pte pte = batch.First with { Young = false, UffdWp = false };
        if (pte.Pmd)
            child.PageTable.SetPmd(batch.Page, pte);
        else
            child.PageTable.Set(batch.Page, pte);
        child.HoldsHugeZero |= pte.Pmd;
        Emit(EventKind.PteWritten, child, batch.Page, -1, batch.Count);
    }

    /// <summary>copy_present_ptes: both sides lose the write bit, every page loses AnonExclusive, the child's entries are old.</summary>
    private void ShareBatch(Process parent, Process child, Batch batch, Folio folio)
    {
        bool anyWritable = parent.PresentPages(batch.Page, batch.Page + batch.Count).Any(page => parent.PageTable[page].Writable);
        // set_ptes writes the first entry's bits all along: where batches do not end at soft-dirty, nobody asks for it.
        Pte copy = batch.First with { Writable = false, Young = false, UffdWp = false };
        if (copy.Pmd)
        {
            parent.PageTable.ChangePmd(batch.Page, pte => pte with { Writable = false });
            child.PageTable.SetPmd(batch.Page, copy);
        }
        else
        {
            if (anyWritable)
                parent.PageTable.WriteProtect(batch.Page, batch.Count);
            child.PageTable.Set(batch.Page, copy, batch.Count);
        }
        Array.Fill(folio.Exclusive, false, batch.First.Index, batch.Mappings);
        AddRmap(child, folio, batch.Mappings);
        EmitFolio(EventKind.ReferenceUp, folio.Frame, batch.Mappings);
        Emit(EventKind.MapcountUp, child, batch.Page, FrameOf(batch.First), batch.Mappings);
        if (anyWritable)
            Emit(EventKind.PteWriteProtected, parent, batch.Page, FrameOf(batch.First), batch.Count);
        Emit(EventKind.PteWritten, child, batch.Page, FrameOf(batch.First), batch.Count);
    }
}
