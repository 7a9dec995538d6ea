using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// Extensions that nobody has: a folio that entries map whole is mapped by a PMD again, and a PMD mapping is turned into entries for a time to see what is
/// accessed (SPECIFICATION.md 8.8, 17.27).
/// </summary>
public sealed partial class ReferenceMemory
{
    private bool Has(Extensions extension) => (_machine.Extensions & extension) != 0;

    /// <summary>The folio that the entries of a block map from its first page to its last, in order and all alike as far as a PMD has but one bit; or null.</summary>
    private Folio? WholeFolioAt(Process process, long first)
    {
        Pte[] entries = [.. process.Entries(first, first + _machine.EntriesPerTable).Select(entry => entry.Pte)];
        if (entries.Length != _machine.EntriesPerTable || entries[0].Folio is not Folio folio || folio.Order != _machine.PmdOrder)
            return null;
        bool inOrder = entries.Index().All(entry => entry.Item.Folio == folio && entry.Item.Index == entry.Index && !entry.Item.Pmd);
        bool alike = entries.All(entry => entry.ProtNone == entries[0].ProtNone && entry.UffdWp == entries[0].UffdWp);
        bool marked = folio.Exclusive.All(exclusive => exclusive) || !folio.Exclusive.Any(exclusive => exclusive);
        return inOrder && alike && marked ? folio : null;
    }

    /// <summary>The reverse of <see cref="SplitPmd"/>: the same frames, one mapping.</summary>
    private void MapInPlace(Process process, Vma vma, long first, Folio folio)
    {
        Pte[] entries = [.. process.Entries(first, first + _machine.EntriesPerTable).Select(entry => entry.Pte)];
        process.PageTable.Clear(first, _machine.EntriesPerTable);
        MapPmd(process, first, entries[0] with
        {
            Writable = entries.All(entry => entry.Writable),
            Dirty = entries.Any(entry => entry.Dirty),
            Young = entries.Any(entry => entry.Young),
            SoftDirty = entries.Any(entry => entry.SoftDirty),
        });
        Array.Fill(folio.Exclusive, false, 1, folio.Pages - 1);
        // The slot counts both for a moment; mapcounts are those of the end.
        MmIds.Add(folio, process, 1, Count(folio).Mapcount + folio.Pages);
        RemoveRmap(process, vma, folio, first: 0, folio.Pages);
        if (vma.IsLocked)
            Mlock(folio);
        Emit(EventKind.PteCleared, process, first, folio.Frame, folio.Pages);
        Emit(EventKind.Flushed, process, first, -1, folio.Pages);
        Emit(EventKind.MapcountUp, process, first, folio.Frame, 1);
        Emit(EventKind.MapcountDown, process, first, folio.Frame, folio.Pages);
        EmitFolio(EventKind.ReferenceDown, folio.Frame, folio.Pages - 1);
        Emit(EventKind.PteWritten, process, first, folio.Frame, folio.Pages);
    }

    /// <summary>A block that a collapse need not copy. False: it must.</summary>
    private bool CollapseInPlace(Process process, Vma vma, long first)
    {
        if (!Has(Extensions.InPlaceCollapse) || WholeFolioAt(process, first) is not Folio folio || process.PageTable[first].UffdWp)
            return false;
        MapInPlace(process, vma, first, folio);
        return true;
    }

    private Outcome DetectAccess(Process process, long page)
    {
        if (!Has(Extensions.AccessDetection))
            return Outcome.Error(Errno.EINVAL);
        if (!process.PageTable.TryGet(page, out Pte pte) || !pte.Pmd || pte.Folio is null)
            return Outcome.Ok;
        SplitPmd(process, process.FindVma(page)!, page);
        long first = BlockStart(page, _machine.PmdOrder);
        process.PageTable.Clean(first, _machine.EntriesPerTable, dirtyToo: false);
        Emit(EventKind.PteCleaned, process, first, pte.Folio.Frame, _machine.EntriesPerTable);
        Emit(EventKind.Flushed, process, 0, -1, 0);
        return Outcome.Ok;
    }
}
