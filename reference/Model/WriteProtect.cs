using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>A store through a read-only entry: reuse the page or copy it (do_wp_page; SPECIFICATION.md 4.3).</summary>
public sealed partial class ReferenceMemory
{
    private bool WriteProtectFault(Process process, Vma vma, long page)
    {
        if (process.PageTable[page].Pmd && WriteProtectPmdFault(process, vma, page))
            return true;
        Pte pte = process.PageTable[page];
        if (pte.Folio is null || !(pte.Folio.Exclusive[pte.Index] || CanReuse(pte.Folio)))
            return Copy(process, vma, page, pte, CopiedPte(vma));

        pte.Folio.Exclusive[pte.Index] = true;
        Pte reused = pte with { Writable = vma.AllowsStores, Dirty = true, Young = true, SoftDirty = _machine.SoftDirty };
        process.PageTable.SetAccessFlags(page, reused, dirty: true);
        Emit(EventKind.PteWritten, process, page, FrameOf(pte), 1);
        return true;
    }

    /// <summary>wp_can_reuse_anon_folio: does the writer own the folio alone?</summary>
    private bool CanReuse(Folio folio)
    {
        int mapcount = Count(folio).Mapcount;
        int references = References(folio);
        if (!folio.IsLarge)
            return references == 1;
        // A lone mapped page of a large folio is copied, so that the folio can be freed.
        return mapcount > 1 && !IsMaybeMappedShared(folio) && mapcount == references;
    }

    private Pte CopiedPte(Vma vma) =>
        new(Folio: null, Index: 0, vma.AllowsStores, Dirty: true, Young: true, vma.Protection == Protection.None, SoftDirty: _machine.SoftDirty);

    /// <summary>wp_page_copy: always one page of order 0, mapped with the bits given. False: it could not be allocated.</summary>
    private bool Copy(Process process, Vma vma, long page, Pte old, Pte bits)
    {
        Folio? copy = Allocate(0);
        if (copy is null)
            return false;
        copy.Contents[0] = old.Folio is null ? 0 : old.Folio.Contents[old.Index];
        process.PageTable.Clear(page);
        Emit(EventKind.PteCleared, process, page, FrameOf(old), 1);
        process.PageTable.Set(page, bits with { Folio = copy, Index = 0 });
        Emit(EventKind.Flushed, process, page, -1, 1);
        AddNewRmap(process, vma, copy);
        Emit(EventKind.MapcountUp, process, page, copy.Frame, 1);
        Emit(EventKind.PteWritten, process, page, copy.Frame, 1);
        if (old.Folio is not null)
        {
            RemoveRmap(process, vma, old.Folio, old.Index, 1);
            Emit(EventKind.MapcountDown, process, page, FrameOf(old), 1);
            EmitFolio(EventKind.ReferenceDown, old.Folio.Frame, 1);
            FreeIfUnused(old.Folio);
        }
        return true;
    }
}
