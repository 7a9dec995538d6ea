using System.Runtime.CompilerServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Makes optimized memories: the implementation that the reference is compared with.</summary>
public static class OptimizedMemory
{
    /// <summary>A memory that reports no micro-steps.</summary>
    public static IMemorySystem Create(Machine machine) => new OptimizedMemory<NoEvents>(machine, default);

    /// <summary>A memory that appends its micro-steps to a list.</summary>
    public static IMemorySystem Create(Machine machine, IList<MemoryEvent> events) =>
        new OptimizedMemory<EventList>(machine, new EventList(events));
}

/// <summary>
/// Large-folio memory management with bit planes, a struct-of-arrays folio table, batched rmap and incremental counters. Each
/// mechanism has a file of its own; this one says which operation is which mechanism, and what is wrong with its arguments
/// (SPECIFICATION.md 17.1).
/// </summary>
/// <typeparam name="TSink">Where micro-steps go; with <see cref="NoEvents"/> they cost nothing.</typeparam>
public sealed partial class OptimizedMemory<TSink> : IMemorySystem
    where TSink : struct, IEventSink
{
    private readonly FrameAllocator _frames;
    private readonly FolioTable _folios;
    private readonly FolioOrder _orders;
    private readonly Rmap _rmap;
    private readonly PteBatch _batches;
    private readonly AnonVmas _anonVmas = new();
    private readonly Processes _processes;
    private readonly Machine _machine;

    // A sink may have state of its own; a readonly field would copy it at each call.
#pragma warning disable IDE0044
    private TSink _sink;
#pragma warning restore IDE0044

    /// <summary>A fresh memory: process 0, without mappings.</summary>
    /// <param name="machine">The machine; <see cref="Machine.Validate"/> must find nothing wrong with it.</param>
    /// <param name="sink">Where micro-steps go.</param>
    public OptimizedMemory(Machine machine, TSink sink)
    {
        if (machine.Validate() is { } fault)
            throw new ArgumentException(fault, nameof(machine));
        _machine = machine;
        _pageCache = EmptyPageCache(machine);
        _hasContpte = machine.Arch == Arch.Arm64;
        _sink = sink;
        _frames = new FrameAllocator(machine.Frames);
        _folios = new FolioTable(_frames);
        _orders = new FolioOrder(machine);
        _rmap = new Rmap(_folios);
        _batches = new PteBatch(_folios, machine.Batches);
        _processes = new Processes(machine, _anonVmas);
        _processes.Add(0);
    }

    /// <inheritdoc/>
    public Outcome Apply(in Operation operation)
    {
        _anonVmas.Now++;
        switch (operation.Kind)
        {
            case OperationKind.SetThp:
                return _orders.Set(operation.Order, operation.Mode);
            case OperationKind.FailAllocation:
                return MarkAllocation(operation.Order);
            case OperationKind.ShrinkDeferred:
                return ShrinkDeferred(operation.Length);
            case OperationKind.ShrinkHugeZero:
                return ShrinkHugeZero();
        }
        Process? process = _processes.Find(operation.Process);
        if (process is null)
            return Outcome.NoProcess;
        if (_pageCache.Length > 0 && IsBeyondFiles(process, operation))
            return Outcome.NotModelled;
        return operation.Kind switch
        {
            OperationKind.Mmap => Mmap(process, operation.Address, operation.Length, operation.Protection),
            OperationKind.Munmap => Munmap(process, operation.Address, operation.Length),
            OperationKind.Madvise => Madvise(process, operation.Address, operation.Length, operation.Advice),
            OperationKind.Read => Read(process, operation.Address),
            OperationKind.Write => WriteRange(process, operation.Address, 1, operation.Value),
            OperationKind.WriteRange => WriteRange(process, operation.Address, operation.Length, operation.Value),
            OperationKind.Fork => Fork(process, operation.Child),
            OperationKind.Exit => Exit(process),
            OperationKind.Mprotect => Mprotect(process, operation.Address, operation.Length, operation.Protection),
            OperationKind.Mremap => Mremap(process, operation),
            OperationKind.Get => Get(process, operation.Handle, operation.Address, operation.Length),
            OperationKind.Put => DropHandle(process, operation.Handle, isPin: false),
            OperationKind.Pin => Pin(process, operation.Handle, operation.Address, operation.Length, write: true),
            OperationKind.Unpin => DropHandle(process, operation.Handle, isPin: true),
            _ => ApplyRare(process, operation),
        };
    }

    /// <summary>Operations that few scenarios are about.</summary>
    private Outcome ApplyRare(Process process, in Operation operation) => operation.Kind switch
    {
        OperationKind.MmapFile => MmapFile(process, operation.Address, operation.Length, operation.NewAddress, operation.Protection),
        OperationKind.ReadRemote => ReadRemote(process, operation.Address, operation.Length),
        OperationKind.PinRead => Pin(process, operation.Handle, operation.Address, operation.Length, write: false),
        OperationKind.ForceRead => ForceRead(process, operation.Address),
        OperationKind.ForceWrite => ForceWrite(process, operation.Address, operation.Value),
        OperationKind.Mlock => Mlock(process, operation.Address, operation.Length),
        OperationKind.MlockOnFault => MlockOnFault(process, operation.Address, operation.Length),
        OperationKind.Munlock => Munlock(process, operation.Address, operation.Length),
        OperationKind.UffdRegister => UffdRegister(process, operation.Address, operation.Length),
        OperationKind.UffdUnregister => UffdUnregister(process, operation.Address, operation.Length),
        OperationKind.UffdWriteProtect => UffdWriteProtect(process, operation.Address, operation.Length, operation.Protects),
        OperationKind.ClearSoftDirty => ClearSoftDirty(process),
        OperationKind.Khugepaged => Khugepaged(process, operation.Address),
        OperationKind.NumaHint => NumaHint(process, operation.Address, operation.Length),
        OperationKind.SplitFolio => SplitFolioAt(process, operation.Address, operation.Order),
        OperationKind.DetectAccess => DetectAccess(process, operation.Address),
        OperationKind.ThpDisable => DisableThp(process, operation.ThpDisable),
        _ => Outcome.Error(Errno.EINVAL),
    };

    /// <summary>prctl(PR_SET_THP_DISABLE) (SPECIFICATION.md 17.21).</summary>
    private static Outcome DisableThp(Process process, ThpDisable disable)
    {
        process.ThpDisable = disable;
        return Outcome.Ok;
    }

    /// <summary>Whether address and length of a call are ones that a page number and a byte count can express.</summary>
    private static bool IsRange(long address, long length) => address is >= 0 and <= Machine.LengthWrapsPages && length >= 0;

    private static bool FitsAddressSpace(long address, long length) =>
        length <= Machine.AddressSpacePages && address <= Machine.AddressSpacePages - length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Emit(EventKind kind, Process process, long page, int frame, int count) =>
        _sink.Emit(new MemoryEvent(kind, process.Number, page, frame, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitFolio(EventKind kind, int frame, int count) => _sink.Emit(MemoryEvent.OfFolio(kind, frame, count));
}
