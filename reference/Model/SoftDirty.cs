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
        foreach (long page in process.PageTable.Keys.ToList())
        {
            Pte pte = process.PageTable[page];
            // A device may write to it at any time: it stays writable, and written.
            if (pte.Writable && MaybePinned(process, pte.Folio!))
                continue;
            process.PageTable[page] = pte with { Writable = false, SoftDirty = false };
            Emit(EventKind.PteCleared, process, page, FrameOf(pte), 1);
            Emit(EventKind.PteWritten, process, page, FrameOf(pte), 1);
        }
        Emit(EventKind.Flushed, process, 0, -1, 0);
        return Outcome.Ok;
    }
}
