using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Soft-dirty bits: which pages were written since somebody asked to forget it (clear_refs_write, clear_soft_dirty; SPECIFICATION.md 17.18).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>vma_soft_dirty_enabled: whether single entries of this VMA say what was written; otherwise all of it counts as written.</summary>
    private bool TracksSoftDirty(Vma vma) => _machine.SoftDirty && (vma.Flags & VmaFlags.SoftDirty) == 0;

    private Outcome ClearSoftDirty(Process process)
    {
        if (!_machine.SoftDirty)
            return Outcome.Ok;
        foreach (Vma vma in process.Vmas.Values.ToList())
            process.Vmas[vma.Start] = vma with { Flags = vma.Flags & ~VmaFlags.SoftDirty };
        foreach (long page in process.PresentPages(0, long.MaxValue))
        {
            Pte pte = process.PageTable[page];
            // A device may write to it at any time: it stays writable, and written. clear_soft_dirty_pmd does not ask.
            if (pte.Writable && !pte.Pmd && MaybePinned(process, pte.Folio!))
                continue;
            if (pte.Pmd && page % _machine.EntriesPerTable != 0)
                continue;
            var batch = new Batch(page, pte.Pmd ? _machine.EntriesPerTable : 1, pte);
            Rewrite(process, batch, entry => entry with { Writable = false, SoftDirty = false });
        }
        Emit(EventKind.Flushed, process, 0, -1, 0);
        return Outcome.Ok;
    }
}
