using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Extension: the entries of a block that map a whole folio in order give way to a PMD mapping of it; the inverse of splitting one (SPECIFICATION.md 8.8, 17.27).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    private bool Has(Extensions extension) => (_machine.Extensions & extension) != 0;

    /// <summary>Whether all entries of a table map the pages of one folio of the PMD order, alike in what a PMD mapping cannot say of each.</summary>
    private bool MayRemapInPlace(LeafTable leaf)
    {
        int entries = leaf.Frames.Length;
        if (leaf.Present.NextClear(0, entries) < entries || leaf.Special.Any(0, entries))
            return false;
        int folio = leaf.Frames[0];
        return _folios.Head[folio] == folio && _folios.Order[folio] == _machine.PmdOrder
            && LeafTable.ConsecutiveFrames(leaf.Frames) == entries
            && leaf.ProtNone.EndOfRun(0, entries) == entries
            && (!leaf.HasRareBits || leaf.UffdWp.EndOfRun(0, entries) == entries)
            && _folios.AnonExclusive.EndOfRun(folio, folio + entries) == folio + entries;
    }

    /// <summary>
    /// Maps by a PMD what entries map. The PMD mapping is added before the entries go, so that no page is without a mapping in between.
    /// </summary>
    private void RemapInPlace(Process process, Vma vma, long block, LeafTable leaf)
    {
        int folio = leaf.Frames[0];
        int entries = leaf.Frames.Length;
        var pmd = new PmdMapping(folio, leaf.MergedBits());
        ClearPtes(process, leaf, block, entries);
        Emit(EventKind.PteCleared, process, block, folio, entries);
        leaf.Clear(0, entries);
        Emit(EventKind.Flushed, process, block, LeafTable.NoFrame, entries);
        _rmap.AddPmd(folio, process);
        Emit(EventKind.MapcountUp, process, block, folio, 1);
        _rmap.Remove(folio, folio, entries, process);
        if (vma.IsLocked)
        {
            MunlockFolio(folio);
            MlockFolio(folio);
        }
        Emit(EventKind.MapcountDown, process, block, folio, entries);
        // From now on the first page speaks for all.
        _folios.AnonExclusive.ClearRange(folio + 1, folio + entries);
        DropReferences(folio, entries - 1);
        process.Table.SetPmd(block, pmd);
        Emit(EventKind.PteWritten, process, block, folio, entries);
    }
}
