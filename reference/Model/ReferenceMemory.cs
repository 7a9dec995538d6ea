using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// L1: folios, VMAs and page-table entries as plain records. Every count is recomputed by walking the page tables; only true history
/// (AnonExclusive, MM-ID slots, partially mapped, young, dirty, the queue, event counters) is state. Slow on purpose: it must be obvious.
/// One file holds one mechanism; each names the kernel function or the section of SPECIFICATION.md that it follows.
/// </summary>
public sealed partial class ReferenceMemory : IMemorySystem
{
    private readonly Machine _machine;
    private readonly IList<MemoryEvent>? _events;
    private readonly SortedDictionary<int, Process> _processes = [];

    /// <summary>Operations so far.</summary>
    private long _operations;

    /// <summary>Live folios in order of birth.</summary>
    private readonly List<Folio> _folios = [];

    private ReferenceMemory(Machine machine, IList<MemoryEvent>? events)
    {
        if (machine.Validate() is string reason)
            throw new ArgumentException(reason, nameof(machine));
        _machine = machine;
        _events = events;
        _thp = machine.Thp;
        _frameInUse = new bool[machine.Frames];
        _processes.Add(0, NewProcess(0));
        _statistics = new EventCounters[machine.PmdOrder + 1];
    }

    /// <summary>A fresh machine with process 0.</summary>
    /// <exception cref="ArgumentException">The machine is not valid.</exception>
    public static IMemorySystem Create(Machine machine) => new ReferenceMemory(machine, null);

    /// <summary>A fresh machine that appends its micro-steps to a list.</summary>
    /// <exception cref="ArgumentException">The machine is not valid.</exception>
    public static IMemorySystem Create(Machine machine, IList<MemoryEvent> events) => new ReferenceMemory(machine, events);

    /// <inheritdoc/>
    public Outcome Apply(in Operation operation)
    {
        _operations++;
        Outcome outcome = Do(operation);
        PlaceNewBounds();
        foreach (Process process in _processes.Values)
            process.PageTable.TellEvents();
        return outcome;
    }

    private Process NewProcess(int number) => new(number, new PageTable(_machine, number, _events));

    private Outcome Do(in Operation operation)
    {
        if (operation.Kind == OperationKind.SetThp)
            return SetThp(operation.Order, operation.Mode);
        if (operation.Kind == OperationKind.FailAllocation)
            return FailAllocation(operation.Order);
        if (operation.Kind == OperationKind.ShrinkDeferred)
            return ShrinkDeferred(operation.Length);
        if (operation.Kind == OperationKind.ShrinkHugeZero)
            return ShrinkHugeZero();
        if (!_processes.TryGetValue(operation.Process, out Process? process))
            return Outcome.NoProcess;
        if (IsNotModelled(process, operation))
            return Outcome.NotModelled;

        return operation.Kind switch
        {
            OperationKind.MmapFile => MmapFile(process, operation),
            OperationKind.Mmap => Mmap(process, operation),
            OperationKind.Munmap => Munmap(process, operation),
            OperationKind.Madvise => Madvise(process, operation),
            OperationKind.Read => Read(process, operation.Address),
            OperationKind.Write => WriteRange(process, operation.Address, 1, operation.Value),
            OperationKind.WriteRange => WriteRange(process, operation.Address, operation.Length, operation.Value),
            OperationKind.Mprotect => Mprotect(process, operation),
            OperationKind.Mremap => Mremap(process, operation),
            OperationKind.Get => Get(process, operation),
            OperationKind.Put => Drop(process, operation.Handle, isPin: false),
            OperationKind.Pin => Pin(process, operation),
            OperationKind.PinRead => PinRead(process, operation),
            OperationKind.Unpin => Drop(process, operation.Handle, isPin: true),
            OperationKind.ReadRemote => ReadRemote(process, operation),
            OperationKind.ForceRead => ForceRead(process, operation.Address),
            OperationKind.ForceWrite => ForceWrite(process, operation.Address, operation.Value),
            OperationKind.Mlock => SetLock(process, operation, VmaFlags.Locked),
            OperationKind.MlockOnFault => SetLock(process, operation, LockFlags),
            OperationKind.Munlock => SetLock(process, operation, VmaFlags.None),
            OperationKind.UffdRegister => UffdRegister(process, operation),
            OperationKind.UffdUnregister => UffdUnregister(process, operation),
            OperationKind.UffdWriteProtect => UffdWriteProtect(process, operation),
            OperationKind.ClearSoftDirty => ClearSoftDirty(process),
            OperationKind.ThpDisable => SetThpDisable(process, operation.ThpDisable),
            OperationKind.Khugepaged => Khugepaged(process, operation.Address),
            OperationKind.DetectAccess => DetectAccess(process, operation.Address),
            OperationKind.NumaHint => NumaHint(process, operation),
            OperationKind.SplitFolio => SplitFolio(process, operation.Address, operation.Order),
            OperationKind.Fork => Fork(process, operation.Child),
            OperationKind.Exit => Exit(process),
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
    }

    private void Emit(EventKind kind, Process process, long page, int frame, int count)
    {
        if (kind is EventKind.PteWritten or EventKind.PteCleared or EventKind.PteWriteProtected or EventKind.PteCleaned)
            process.PageTable.TellEvents();
        _events?.Add(new MemoryEvent(kind, process.Number, page, frame, count));
    }

    private void EmitFolio(EventKind kind, int frame, int count) => _events?.Add(MemoryEvent.OfFolio(kind, frame, count));

    /// <summary>Frame of the page that an entry maps; -1 for the zero page.</summary>
    private static int FrameOf(Pte pte) => pte.Folio is null ? -1 : pte.Folio.Frame + pte.Index;
}
