using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>The huge zero page: one folio of the PMD order full of zeroes that all processes map (get_huge_zero_folio, SPECIFICATION.md 17.22).</summary>
public sealed partial class ReferenceMemory
{
    private Folio? _hugeZero;
    private long _zeroPageAllocs;

    /// <summary>set_huge_zero_folio. False: there is none, and none could be made.</summary>
    private bool MapHugeZero(Process process, Vma vma, long first)
    {
        if (_hugeZero is null && Allocate(_machine.PmdOrder) is Folio zero)
        {
            // Not an anonymous folio: it counts nowhere.
            _folios.Remove(zero);
            _hugeZero = zero;
            _zeroPageAllocs++;
        }
        if (_hugeZero is null)
            return false;
        process.HoldsHugeZero = true;
        MapPmd(process, first, ZeroPte(vma));
        Emit(EventKind.PteWritten, process, first, -1, _machine.EntriesPerTable);
        return true;
    }

    /// <summary>do_huge_zero_wp_pmd: a folio of its own takes the place of the huge zero page. False: there was none, and the mapping was split.</summary>
    private bool ReplaceHugeZero(Process process, Vma vma, long page)
    {
        long first = BlockStart(page, _machine.PmdOrder);
        if (AllocatePmdFolio() is not Folio folio)
        {
            SplitPmd(process, vma, page);
            return false;
        }
        Emit(EventKind.PteCleared, process, first, -1, folio.Pages);
        Emit(EventKind.Flushed, process, first, -1, folio.Pages);
        MapNewPmd(process, vma, first, folio);
        _statistics[folio.Order].AnonFaultAlloc++;
        return true;
    }

    /// <summary>shrink_huge_zero_folio_scan: it goes when no process that ever mapped it is left.</summary>
    private Outcome ShrinkHugeZero()
    {
        if (_hugeZero is null || _processes.Values.Any(process => process.HoldsHugeZero))
            return Outcome.Ok;
        FreeFrames(_hugeZero.Frame, _hugeZero.Pages);
        EmitFolio(EventKind.FolioFreed, _hugeZero.Frame, _hugeZero.Pages);
        _hugeZero = null;
        return Outcome.Ok;
    }

    /// <summary>An entry of the zero page, small or huge.</summary>
    private static Pte ZeroPte(Vma vma) =>
        new(Folio: null, Index: 0, Writable: false, Dirty: false, Young: true, ProtNone: vma.Protection == Protection.None);
}
