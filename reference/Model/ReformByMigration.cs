using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// An extension that nobody has: small pages that lie side by side as they are mapped become a folio of the PMD order where they are; what stands between them is
/// migrated away (SPECIFICATION.md 17.27).
/// </summary>
public sealed partial class ReferenceMemory
{
    /// <summary>False: the block must be copied.</summary>
    private bool Reform(Process process, Vma vma, long first)
    {
        if (!Has(Extensions.ReformByMigration) || FrameToReform(process, first) is not int frame)
            return false;
        int end = frame + _machine.EntriesPerTable;
        HashSet<Folio> own = [.. process.Entries(first, first + _machine.EntriesPerTable).Select(entry => entry.Pte.Folio).OfType<Folio>()];
        List<Folio> intruders = [.. FoliosIn(frame, end).Where(folio => !own.Contains(folio))];
        foreach (Folio intruder in intruders)
            Migrate(intruder, frame, end);
        var whole = new Folio(_machine.PmdOrder, frame);
        foreach ((long page, Pte pte) in process.Entries(first, first + _machine.EntriesPerTable))
            whole.Contents[page - first] = pte.Folio is null ? 0 : pte.Folio.Contents[pte.Index];
        Emit(EventKind.Flushed, process, first, -1, whole.Pages);
        RemoveSources(process, vma, first, first + _machine.EntriesPerTable);
        _frameInUse.AsSpan(frame, whole.Pages).Fill(true);
        _folios.Add(whole);
        EmitFolio(EventKind.FolioAllocated, frame, whole.Pages);
        MapNewPmd(process, vma, first, whole);
        return true;
    }

    /// <summary>Where the pages of the block lie side by side, with nothing between them that cannot go somewhere else; or null.</summary>
    private int? FrameToReform(Process process, long first)
    {
        int size = _machine.EntriesPerTable;
        (long Page, Folio Folio)[] pages =
            [.. process.Entries(first, first + size).Where(entry => entry.Pte.Folio is not null).Select(entry => (entry.Page, entry.Pte.Folio!))];
        if (pages.Length == 0)
            return null;
        long frame = pages[0].Folio.Frame - (pages[0].Page - first);
        bool inPlace = pages.All(page => !page.Folio.IsLarge && page.Folio.Frame == frame + (page.Page - first) && Count(page.Folio).Mapcount == 1);
        if (!inPlace || frame < 0 || frame % size != 0 || frame + size > _machine.Frames)
            return null;
        int start = (int)frame;
        List<Folio> there = FoliosIn(start, start + size);
        int used = _frameInUse.AsSpan(start, size).Count(true);
        int freeOutside = _frameInUse.AsSpan().Count(false) - (size - used);
        bool movable = used == there.Count && there.All(folio => !folio.IsLarge && folio.ExtraReferences == 0);
        return movable && there.Count - pages.Length <= freeOutside ? start : null;
    }

    private List<Folio> FoliosIn(int start, int end) =>
        [.. _folios.Where(folio => folio.Frame < end && start < folio.Frame + folio.Pages).OrderBy(folio => folio.Frame)];

    /// <summary>migrate_folio: the same page at another frame, mapped as before.</summary>
    private void Migrate(Folio folio, int start, int end)
    {
        int old = folio.Frame;
        List<Mapping> mappings = MappingsOf(folio);
        foreach (Mapping mapping in mappings)
        {
            mapping.Process.PageTable.Clear(mapping.Page);
            Emit(EventKind.PteCleared, mapping.Process, mapping.Page, old, 1);
            Emit(EventKind.Flushed, mapping.Process, mapping.Page, -1, 1);
            Emit(EventKind.MapcountDown, mapping.Process, mapping.Page, old, 1);
            EmitFolio(EventKind.ReferenceDown, old, 1);
        }
        int frame = Enumerable.Range(0, _machine.Frames).First(other => !_frameInUse[other] && (other < start || other >= end));
        folio.Frame = frame;
        _frameInUse[frame] = true;
        EmitFolio(EventKind.FolioAllocated, frame, 1);
        foreach (Mapping mapping in mappings)
        {
            mapping.Process.PageTable.Set(mapping.Page, mapping.Pte);
            EmitFolio(EventKind.ReferenceUp, frame, 1);
            Emit(EventKind.MapcountUp, mapping.Process, mapping.Page, frame, 1);
            Emit(EventKind.PteWritten, mapping.Process, mapping.Page, frame, 1);
        }
        EmitFolio(EventKind.ReferenceDown, frame, 1);
        FreeFrames(old, 1);
        EmitFolio(EventKind.FolioFreed, old, 1);
    }
}
