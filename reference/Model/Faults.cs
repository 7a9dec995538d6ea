using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Loads, stores and the faults they take (handle_mm_fault, do_anonymous_page; SPECIFICATION.md 4.0, 4.1).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome Read(Process process, long page)
    {
        Vma? vma = process.FindVma(page);
        if (vma is null || vma.Protection == Protection.None)
            return Outcome.SegmentationFault;
        if (process.PageTable.TryGetValue(page, out Pte pte))
            process.PageTable[page] = pte with { Young = true };
        else
            ReadFault(process, page);
        pte = process.PageTable[page];
        return Outcome.Token(pte.Folio is null ? 0 : pte.Folio.Contents[pte.Index]);
    }

    private Outcome WriteRange(Process process, long start, long length, int token)
    {
        for (long done = 0; done < length; done++)
        {
            long page = start + done;
            Vma? vma = process.FindVma(page);
            if (vma is null || (vma.Protection & Protection.Write) == 0)
                return Outcome.SegmentationFault;
            if (process.PageTable.TryGetValue(page, out Pte pte) && pte.Writable)
                process.PageTable[page] = pte with { Young = true, Dirty = true };
            else if (!WriteFault(process, vma, page))
                return Outcome.OutOfMemory((int)done);
            pte = process.PageTable[page];
            pte.Folio!.Contents[pte.Index] = unchecked(token + (int)done);
        }
        return Outcome.Ok;
    }

    /// <summary>A load where nothing is mapped: the zero page, no folio, no anon_vma.</summary>
    private void ReadFault(Process process, long page)
    {
        process.PageTable[page] = new Pte(Folio: null, Index: 0, Writable: false, Dirty: false, Young: true);
        Emit(EventKind.PteWritten, process, page, -1, 1);
    }

    /// <summary>A store that the entry does not allow. False: an allocation of order 0 failed.</summary>
    private bool WriteFault(Process process, Vma vma, long page)
    {
        PrepareAnonVma(process, vma);
        return process.PageTable.TryGetValue(page, out Pte pte)
            ? WriteProtectFault(process, page, pte)
            : AnonymousFault(process, vma, page);
    }

    /// <summary>do_anonymous_page: a folio of the largest order that fits, mapped whole; every entry writable, young and dirty.</summary>
    private bool AnonymousFault(Process process, Vma vma, long page)
    {
        Folio? folio = null;
        foreach (int order in FaultOrders(process, vma, page))
        {
            folio = Allocate(order);
            if (folio is not null)
                break;
            _statistics[order].AnonFaultFallback++;
        }
        folio ??= Allocate(0);
        if (folio is null)
            return false;

        long start = BlockStart(page, folio.Order);
        for (int i = 0; i < folio.Pages; i++)
            process.PageTable[start + i] = new Pte(folio, i, Writable: true, Dirty: true, Young: true);
        AddNewRmap(process, folio);
        if (folio.IsLarge)
        {
            _statistics[folio.Order].AnonFaultAlloc++;
            EmitFolio(EventKind.ReferenceUp, folio.Frame, folio.Pages - 1);
        }
        Emit(EventKind.MapcountUp, process, start, folio.Frame, folio.Pages);
        Emit(EventKind.PteWritten, process, start, folio.Frame, folio.Pages);
        return true;
    }
}
