using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>An extension that nobody has: a folio of the PMD order whose pages are zeroed, and become accessible, one by one (SPECIFICATION.md 17.27).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Maps a fresh folio by entries, of which only the one that was asked for lets anybody through.</summary>
    private void MapLazily(Process process, Vma vma, long page, Folio folio)
    {
        long first = BlockStart(page, folio.Order);
        int place = (int)(page - first);
        process.PageTable.LookAtNone(first, folio.Pages);
        if (place > 0)
            process.PageTable.Set(first, Inaccessible(folio, 0), place);
        process.PageTable.Set(page, FreshPte(vma, folio, place));
        if (place + 1 < folio.Pages)
            process.PageTable.Set(page + 1, Inaccessible(folio, place + 1), folio.Pages - place - 1);
        process.Tables.Add(BlockOf(first));
        AddNewRmap(process, vma, folio);
        _deferredQueue.Add(folio);
        EmitFolio(EventKind.ReferenceUp, folio.Frame, folio.Pages - 1);
        Emit(EventKind.MapcountUp, process, first, folio.Frame, folio.Pages);
        Emit(EventKind.PteWritten, process, first, folio.Frame, folio.Pages);
    }

    private static Pte Inaccessible(Folio folio, int index) => new(folio, index, Writable: false, Dirty: false, Young: false, ProtNone: true);

    /// <summary>When the last page of a block is accessible a PMD can map it.</summary>
    private void FinishLazily(Process process, Vma vma, long page)
    {
        long first = BlockStart(page, _machine.PmdOrder);
        bool finished = process.Entries(first, first + _machine.EntriesPerTable).All(entry => !entry.Pte.ProtNone);
        if (finished && WholeFolioAt(process, first) is Folio folio && vma.Covers(first, first + folio.Pages))
            MapInPlace(process, vma, first, folio);
    }
}
