using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Entries made to fit the rights of their VMA, for mprotect and for userfaultfd (change_protection; SPECIFICATION.md 12.2, 17.12, 17.17).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>change_pte_range: entries follow the rights of their VMA, and what <paramref name="change"/> says of userfaultfd.</summary>
    private void ChangeEntries(Process process, Vma vma, long start, long end, Func<Pte, Pte> change)
    {
        bool changed = false;
        foreach (Batch batch in Walk(process, vma, start, end, Respect.Write | Respect.SoftDirty))
        {
            ChangeBatch(process, vma, batch, change);
            changed = true;
        }
        if (changed)
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
        Rewrite(process, batch, pte =>
        {
            pte = change(pte) with { ProtNone = vma.Protection == Protection.None };
            return pte with { Writable = CanBeWritable(vma, pte) };
        });
    }

    /// <summary>modify_prot_start_ptes, modify_prot_commit_ptes: entries are taken out together, and put back as far as they are alike.</summary>
    private void Rewrite(Process process, Batch batch, Func<Pte, Pte> change)
    {
        if (batch.First.Pmd)
        {
            process.PageTable.ChangePmd(batch.Page, change);
            Emit(EventKind.PteCleared, process, batch.Page, FrameOf(batch.First), batch.Count);
            Emit(EventKind.PteWritten, process, batch.Page, FrameOf(batch.First), batch.Count);
            return;
        }
        Pte[] entries = [.. process.Entries(batch.Page, batch.Page + batch.Count).Select(entry => entry.Pte)];
        Pte taken = process.PageTable.Clear(batch.Page, batch.Count);
        Emit(EventKind.PteCleared, process, batch.Page, FrameOf(batch.First), batch.Count);
        Pte[] changed = [.. entries.Select(pte => change(pte with { Young = taken.Young, Dirty = taken.Dirty }))];
        for (int done = 0; done < changed.Length;)
        {
            int run = changed.Skip(done).TakeWhile(pte => pte.Writable == changed[done].Writable).Count();
            process.PageTable.Set(batch.Page + done, changed[done], run);
            done += run;
        }
        Emit(EventKind.PteWritten, process, batch.Page, FrameOf(batch.First), batch.Count);
    }
}
