using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Extension: small folios that stand side by side, each where a folio of the PMD order would have it, become that folio where they are. Others that stand
/// between them move away (SPECIFICATION.md 17.27).
/// </summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Collapses a block without copying it, if that can be; the tests of a collapse are passed.</summary>
    private bool TryReform(Process process, Vma vma, long block, LeafTable leaf)
    {
        int folio = FrameToReformAt(leaf);
        if (folio < 0 || !IsRoomFor(folio, leaf))
            return false;
        ClearHoles(folio, leaf);
        Emit(EventKind.Flushed, process, block, LeafTable.NoFrame, _machine.EntriesPerTable);
        ClearAllCollapsed(process, vma, block, leaf);
        _folios.CreateAt(folio, _machine.PmdOrder);
        EmitFolio(EventKind.FolioAllocated, folio, _machine.EntriesPerTable);
        MapNewPmd(process, vma, block, folio);
        return true;
    }

    /// <summary>The frame from which on the block's pages stand in order, all of them small and mapped only here; -1 when there is none.</summary>
    private int FrameToReformAt(LeafTable leaf)
    {
        int entries = leaf.Frames.Length;
        int? first = null;
        for (int index = leaf.Present.NextSet(0, entries); index < entries; index = leaf.Present.NextSet(index + 1, entries))
        {
            if (leaf.Special[index])
                continue;
            int frame = leaf.Frames[index];
            first ??= frame - index;
            if (frame - index != first || _folios.Order[_folios.Head[frame]] != 0 || _folios.Mapcount[frame] != 1)
                return -1;
        }
        return first is { } folio and >= 0 && folio % entries == 0 && folio + entries <= _machine.Frames ? folio : -1;
    }

    /// <summary>Whether all other frames are free or hold what can move, and there is somewhere to move it to.</summary>
    private bool IsRoomFor(int folio, LeafTable leaf)
    {
        int free = 0;
        int intruders = 0;
        for (int index = 0; index < leaf.Frames.Length; index++)
        {
            if (MapsFolio(leaf, index))
                continue;
            int frame = folio + index;
            if (_frames.IsFree(frame))
                free++;
            else if (_folios.Order[_folios.Head[frame]] == 0 && _folios.HasOnlyMappings(frame))
                intruders++;
            else
                return false;
        }
        return _frames.FreeFrames - free >= intruders;
    }

    private static bool MapsFolio(LeafTable leaf, int index) => leaf.Present[index] && !leaf.Special[index];

    /// <summary>Nothing stands any more where the block has no page of its own, and only zeroes are there.</summary>
    private void ClearHoles(int folio, LeafTable leaf)
    {
        Span<bool> intruders = stackalloc bool[leaf.Frames.Length];
        for (int index = 0; index < intruders.Length; index++)
            intruders[index] = !MapsFolio(leaf, index) && !_frames.IsFree(folio + index);
        // So that nothing moves to where something has to move away from.
        _frames.Claim(folio, _machine.PmdOrder);
        _folios.MakeRoom(folio + intruders.Length);
        for (int index = 0; index < intruders.Length; index++)
        {
            if (intruders[index])
                Migrate(folio + index);
            if (!MapsFolio(leaf, index))
                _folios.Token[folio + index] = 0;
        }
    }

    /// <summary>migrate_folio of a small folio to the lowest free frame. Whoever calls it disposes of the old frame.</summary>
    private void Migrate(int old)
    {
        WalkMappings(old);
        foreach (FolioMapping mapping in _mappings)
        {
            ClearPtes(mapping.Process, mapping.Leaf, mapping.Page, 1);
            Emit(EventKind.PteCleared, mapping.Process, mapping.Page, old, 1);
            Emit(EventKind.Flushed, mapping.Process, mapping.Page, LeafTable.NoFrame, 1);
            Emit(EventKind.MapcountDown, mapping.Process, mapping.Page, old, 1);
            EmitFolio(EventKind.ReferenceDown, old, 1);
        }
        int copy = _folios.CreateMoved(old);
        EmitFolio(EventKind.FolioAllocated, copy, 1);
        foreach (FolioMapping mapping in _mappings)
        {
            mapping.Leaf.Frames[mapping.Entry] = copy;
            TakeReferences(copy, 1);
            Emit(EventKind.MapcountUp, mapping.Process, mapping.Page, copy, 1);
            SetPtes(mapping.Process, mapping.Leaf, mapping.Page, 1);
            Emit(EventKind.PteWritten, mapping.Process, mapping.Page, copy, 1);
        }
        _mappings.Clear();
        DropReferences(copy, 1);
        EmitFolio(EventKind.FolioFreed, old, 1);
    }
}
