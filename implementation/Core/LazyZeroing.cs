using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Extension: a folio of the PMD order is mapped by entries of which all but the one that is stored to are inaccessible until they are accessed, as NUMA hinting
/// leaves them; when all are accessible, a PMD maps it (SPECIFICATION.md 17.27).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>A fresh folio of the PMD order behind the entries of a block in which nothing was.</summary>
    private void MapNewLazily(Process process, Vma vma, long page, int folio)
    {
        int entries = _machine.EntriesPerTable;
        int stored = process.Table.EntryOf(page);
        long block = process.Table.BlockOf(page);
        TakeReferences(folio, entries - 1);
        AddNewFolio(process, vma, block, folio, entries);
        LeafTable leaf = process.Table.FindOrCreate(page);
        leaf.WriteFresh(0, folio, entries, writable: false);
        leaf.Young.ClearRange(0, entries);
        leaf.SetHinted(0, entries);
        leaf.ProtNone.Clear(stored);
        WriteFreshEntries(vma, leaf, stored, folio + stored, 1);
        EmitRaw(EventKind.PteRead, process, block, entries);
        if (stored > 0)
            SetPtes(process, leaf, block, stored);
        SetPtes(process, leaf, page, 1);
        if (stored + 1 < entries)
            SetPtes(process, leaf, page + 1, entries - stored - 1);
        Emit(EventKind.PteWritten, process, block, folio, entries);
        _folios.Deferred.Append(folio);
    }

    /// <summary>An entry was restored: if it was the last of its block, the folio is mapped by a PMD from now on.</summary>
    private void RemapIfAccessible(Process process, Vma vma, long page, LeafTable leaf)
    {
        long block = process.Table.BlockOf(page);
        bool inside = block >= vma.Start && block + _machine.EntriesPerTable <= vma.End;
        if (inside && !leaf.ProtNone.Any(0, _machine.EntriesPerTable) && MayRemapInPlace(leaf))
            RemapInPlace(process, vma, block, leaf);
    }
}
