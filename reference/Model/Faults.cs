using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>How a fault ended (vm_fault_t).</summary>
internal enum Fault
{
    /// <summary>The entry allows the access now.</summary>
    Handled,

    /// <summary>VM_FAULT_OOM: an allocation of order 0 failed.</summary>
    OutOfMemory,

    /// <summary>VM_FAULT_SIGSEGV: a guard marker.</summary>
    SegmentationFault,

    /// <summary>VM_FAULT_SIGBUS: userfaultfd write-protects the page, or the file ends before it.</summary>
    BusError,
}

/// <summary>Loads, stores and the faults they take (handle_mm_fault, do_anonymous_page; SPECIFICATION.md 4.0, 4.1).</summary>
public sealed partial class ReferenceMemory
{
    private Outcome Read(Process process, long page)
    {
        Vma? vma = process.FindVma(page);
        if (vma is null || vma.Protection == Protection.None)
            return Outcome.SegmentationFault;
        RestoreHinted(process, vma, page);
        if (process.PageTable.Holds(page))
            Access(process, page, store: false);
        else if (Unread(ReadFault(process, vma, page)) is Outcome unread)
            return unread;
        return Outcome.Token(TokenAt(process, page));
    }

    /// <summary>How a load ends whose fault was not handled, or null.</summary>
    private static Outcome? Unread(Fault fault) => fault switch
    {
        Fault.Handled => null,
        Fault.BusError => Outcome.BusError(0),
        Fault.OutOfMemory => Outcome.OutOfMemory(0),
        _ => Outcome.SegmentationFault,
    };

    /// <summary>An access that the entry allows: the hardware notes it, or a fault does (SPECIFICATION.md 17.28).</summary>
    private void Access(Process process, long page, bool store)
    {
        Pte pte = process.PageTable.Descriptor(page);
        if (pte.Pmd)
        {
            SetBits(process, page, entry => entry with { Young = true, Dirty = entry.Dirty || store });
            return;
        }
        if (_machine.AccessFlags == AccessFlags.Hardware || _machine.AccessFlags == AccessFlags.Mixed && store)
        {
            process.PageTable.Access(page, store);
            return;
        }
        if (pte.Young && (pte.Dirty || !store))
            return;
        Emit(EventKind.Faulted, process, page, -1, 1);
        Pte logical = process.PageTable[page];
        process.PageTable.SetAccessFlags(page, logical with { Young = true, Dirty = logical.Dirty || store }, dirty: store);
        process.PageTable.TellEvents();
    }

    private static int TokenAt(Process process, long page)
    {
        Pte pte = process.PageTable[page];
        return pte.Folio is null ? 0 : pte.Folio.Contents[pte.Index];
    }

    private Outcome WriteRange(Process process, long start, long length, int token)
    {
        for (long done = 0; done < length; done++)
        {
            long page = start + done;
            Vma? vma = process.FindVma(page);
            if (vma is null || !vma.AllowsStores)
                return Outcome.SegmentationFault;
            RestoreHinted(process, vma, page);
            if (process.PageTable.TryGet(page, out Pte pte) && pte.Writable)
            {
                Access(process, page, store: true);
            }
            else
            {
                switch (WriteFault(process, vma, page))
                {
                    case Fault.OutOfMemory:
                        return Outcome.OutOfMemory((int)done);
                    case Fault.SegmentationFault:
                        return Outcome.SegmentationFault;
                    case Fault.BusError:
                        return Outcome.BusError((int)done);
                }
            }
            pte = process.PageTable[page];
            pte.Folio!.Contents[pte.Index] = unchecked(token + (int)done);
        }
        return Outcome.Ok;
    }

    /// <summary>A load where nothing is present: the zero page, no folio, no anon_vma; or a PMD mapping.</summary>
    private Fault ReadFault(Process process, Vma vma, long page)
    {
        Emit(EventKind.Faulted, process, page, -1, 1);
        if (process.GuardMarkers.Contains(page))
            return Fault.SegmentationFault;
        if (vma.IsShared)
            return FileFault(process, vma, page, store: false);
        if (PmdFault(process, vma, page, write: false))
            return Fault.Handled;
        process.Tables.Add(BlockOf(page));
        process.PageTable.Set(page, ZeroPte(vma));
        Emit(EventKind.PteWritten, process, page, -1, 1);
        return Fault.Handled;
    }

    /// <summary>A store that the entry does not allow.</summary>
    private Fault WriteFault(Process process, Vma vma, long page)
    {
        Emit(EventKind.Faulted, process, page, -1, 1);
        if (process.GuardMarkers.Contains(page))
            return Fault.SegmentationFault;
        if (vma.IsShared)
            return FileFault(process, vma, page, store: true);
        bool present = process.PageTable.TryGet(page, out Pte pte);
        if (present && IsWatched(vma, pte))
            return Fault.BusError;
        if (!present && PmdFault(process, vma, page, write: true))
            return Fault.Handled;
        PrepareAnonVma(process, vma);
        bool handled = present ? WriteProtectFault(process, vma, page) : AnonymousFault(process, vma, page);
        return handled ? Fault.Handled : Fault.OutOfMemory;
    }

    /// <summary>do_anonymous_page: a folio of the largest order that fits, mapped whole.</summary>
    private bool AnonymousFault(Process process, Vma vma, long page)
    {
        process.Tables.Add(BlockOf(page));
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
        process.PageTable.LookAtNone(start, folio.Pages);
        process.PageTable.Set(start, FreshPte(vma, folio, 0), folio.Pages);
        AddNewRmap(process, vma, folio);
        if (folio.IsLarge)
        {
            _statistics[folio.Order].AnonFaultAlloc++;
            EmitFolio(EventKind.ReferenceUp, folio.Frame, folio.Pages - 1);
        }
        Emit(EventKind.MapcountUp, process, start, folio.Frame, folio.Pages);
        Emit(EventKind.PteWritten, process, start, folio.Frame, folio.Pages);
        return true;
    }

    /// <summary>The entry of a page that a write fault found nothing at: written to only if the VMA lets it be written to.</summary>
    private Pte FreshPte(Vma vma, Folio folio, int index) =>
        new(folio, index, vma.AllowsStores, Dirty: vma.AllowsStores, Young: true, vma.Protection == Protection.None)
        {
            SoftDirty = vma.AllowsStores && _machine.SoftDirty,
        };
}
