using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>A shared mapping of one file, and how much of a folio a fault maps (do_read_fault, do_shared_fault, finish_fault; SPECIFICATION.md 4.5, 17.29).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>The page cache: folios of the file by the first page that they hold.</summary>
    private readonly SortedDictionary<int, Folio> _pageCache = [];

    private Outcome MmapFile(Process process, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation) || operation.NewAddress is < 0 or > Machine.LengthWrapsPages)
            return Outcome.Error(Errno.EINVAL);
        if (BeyondAddressSpace(operation))
            return Outcome.Error(Errno.ENOMEM);
        if (_machine.FilePages == 0)
            return Outcome.Error(Errno.EINVAL);
        Unmap(process, operation.Address, operation.End);
        VmaFlags flags = VmaFlags.Shared | (_machine.SoftDirty ? VmaFlags.SoftDirty : VmaFlags.None);
        PutAndMerge(process, new Vma(operation.Address, operation.End, operation.Protection, flags) { Offset = operation.NewAddress });
        return Outcome.Ok;
    }

    /// <summary>Whether an operation asks for something of a file mapping that the models do not have.</summary>
    private bool IsNotModelled(Process process, in Operation operation)
    {
        if (_machine.FilePages == 0)
            return false;
        (long start, long end) = (operation.Address, EndOf(operation.Address, operation.Length));
        switch (operation.Kind)
        {
            case OperationKind.Read or OperationKind.Write or OperationKind.WriteRange or OperationKind.Mmap or OperationKind.MmapFile or OperationKind.Munmap
                or OperationKind.Fork or OperationKind.Exit or OperationKind.Put or OperationKind.Unpin or OperationKind.ThpDisable:
            case OperationKind.Madvise when operation.Advice == Advice.DontNeed:
                return false;
            case OperationKind.ClearSoftDirty:
                return process.Vmas.Values.Any(vma => vma.IsShared);
            case OperationKind.SplitFolio or OperationKind.DetectAccess or OperationKind.ForceRead or OperationKind.ForceWrite:
                end = start + 1;
                break;
            case OperationKind.Khugepaged when start < 0:
                return false;
            case OperationKind.Khugepaged:
                start = BlockStart(start, _machine.PmdOrder);
                end = start + _machine.EntriesPerTable;
                break;
            case OperationKind.Mremap when ReachesShared(process, operation.NewAddress, EndOf(operation.NewAddress, operation.NewLength)):
                return true;
        }
        return ReachesShared(process, start, end);
    }

    /// <summary>Nobody has looked at the numbers yet: a range that leads beyond all pages reaches the last one.</summary>
    private static long EndOf(long start, long length)
    {
        if (length <= 0)
            return start;
        return length > long.MaxValue - Math.Max(0, start) ? long.MaxValue : start + length;
    }

    private static bool ReachesShared(Process process, long start, long end) => process.VmasIn(start, end).Any(vma => vma.IsShared);

    /// <summary>do_read_fault, do_shared_fault.</summary>
    private Fault FileFault(Process process, Vma vma, long page, bool store)
    {
        long filePage = vma.Offset + (page - vma.Start);
        if (filePage >= _machine.FilePages)
            return Fault.BusError;
        process.Tables.Add(BlockOf(page));
        if (CachedFolio((int)filePage) is not Folio folio)
            return Fault.OutOfMemory;
        folio.Dirty |= store;
        FinishFault(process, vma, page, folio, (int)filePage - folio.FilePage, store);
        return Fault.Handled;
    }

    /// <summary>filemap_fault: the folio that holds a page of the file, read in if it is not there. Null: no frames.</summary>
    private Folio? CachedFolio(int filePage)
    {
        int first = filePage >> _machine.FileOrder << _machine.FileOrder;
        if (_pageCache.TryGetValue(first, out Folio? cached))
            return cached;
        if (Allocate(_machine.FileOrder) is not Folio folio)
            return null;
        folio.FilePage = first;
        folio.SwapBacked = false;
        folio.ExtraReferences = folio.Pages;
        if (folio.IsLarge)
            EmitFolio(EventKind.ReferenceUp, folio.Frame, folio.Pages - 1);
        _pageCache.Add(first, folio);
        return folio;
    }

    /// <summary>finish_fault, set_pte_range.</summary>
    private void FinishFault(Process process, Vma vma, long page, Folio folio, int index, bool store)
    {
        (long start, int count) = _machine.FinishFault switch
        {
            Vocabulary.FinishFault.Folio => (page - index, folio.Pages),
            Vocabulary.FinishFault.Window => (page / _machine.FaultAroundPages * _machine.FaultAroundPages, _machine.FaultAroundPages),
            _ => (page, 1),
        };
        bool inFolio = start >= page - index && start + count <= page - index + folio.Pages;
        bool inTable = BlockOf(start) == BlockOf(start + count - 1);
        if (!inFolio || !inTable || !vma.Covers(start, start + count))
            (start, count) = (page, 1);
        process.PageTable.LookAtNone(start, count);
        process.PageTable.TellEvents();
        if (!process.IsNone(start, start + count))
            (start, count) = (page, 1);
        var first = new Pte(folio, index + (int)(start - page), vma.AllowsStores, store, Young: true) { SoftDirty = store && _machine.SoftDirty };
        EmitFolio(EventKind.ReferenceUp, folio.Frame, count);
        process.PageTable.Set(start, first, count);
        AddRmap(process, folio, count);
        Emit(EventKind.MapcountUp, process, start, FrameOf(first), count);
        Emit(EventKind.PteWritten, process, start, FrameOf(first), count);
    }
}
