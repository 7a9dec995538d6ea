using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Entries made to fit the rights of their VMA, for mprotect and for userfaultfd (change_protection; SPECIFICATION.md 12.2, 17.12, 17.17).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>change_pte_range: entries follow the rights of their VMA, and what <paramref name="change"/> says of userfaultfd.</summary>
    private void ChangeEntries(Process process, Vma vma, long start, long end, Func<Pte, Pte> change)
    {
        List<Batch> batches = Batches(process, start, end, Respect.Write | Respect.SoftDirty);
        foreach (Batch batch in batches)
            ChangeBatch(process, vma, batch, change);
        if (batches.Count > 0)
            Emit(EventKind.Flushed, process, 0, -1, 0);
    }

    /// <summary>can_change_private_pte_writable: whether a fault would only give the write bit, and nobody waits for that fault.</summary>
    private bool CanBeWritable(Vma vma, Pte pte) =>
        vma.AllowsStores && IsOwn(pte) && !MustHearOfStore(vma, pte);

    /// <summary>userfaultfd_pte_wp and pte_needs_soft_dirty_wp: whether somebody has to hear of the next store.</summary>
    private bool MustHearOfStore(Vma vma, Pte pte) => IsWatched(vma, pte) || TracksSoftDirty(vma) && !pte.SoftDirty;

    /// <summary>
    /// The entries of a batch are cleared together, so what was accessed or dirty in one is so in all; only pages that are AnonExclusive become
    /// writable at once, the others wait for a fault.
    /// </summary>
    private void ChangeBatch(Process process, Vma vma, Batch batch, Func<Pte, Pte> change)
    {
        List<long> pages = process.PresentPages(batch.Page, batch.Page + batch.Count);
        bool young = pages.Any(page => process.PageTable[page].Young);
        bool dirty = pages.Any(page => process.PageTable[page].Dirty);
        foreach (long page in pages)
        {
            Pte pte = change(process.PageTable[page]) with { Young = young, Dirty = dirty, ProtNone = vma.Protection == Protection.None };
            process.PageTable[page] = pte with { Writable = CanBeWritable(vma, pte) };
        }
        Emit(EventKind.PteCleared, process, batch.Page, FrameOf(batch.First), batch.Count);
        Emit(EventKind.PteWritten, process, batch.Page, FrameOf(batch.First), batch.Count);
    }
}
