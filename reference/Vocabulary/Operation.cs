namespace FolioCheck.Vocabulary;

/// <summary>
/// One thing done to memory. Operations are total: each has a defined <see cref="Outcome"/> in every state, so every
/// sub-sequence of a scenario is a scenario. Addresses and lengths are in pages.
/// </summary>
/// <param name="Kind">What is done.</param>
/// <param name="Process">The acting process, by its number; 0 for what the environment does.</param>
/// <param name="Address">First page of the range (calls with a range or a page).</param>
/// <param name="Length">Pages in the range (calls with a range).</param>
/// <param name="Argument">
/// <see cref="Protection"/> of mmap and mprotect, <see cref="Advice"/> of madvise, <see cref="Vocabulary.MremapFlags"/> of mremap, the child's number
/// of fork, the handle of get, put, pin, pin_read and unpin, 1 or 0 of uffd_wp, the <see cref="Vocabulary.ThpDisable"/> of thp_disable, the order of the two
/// environment operations (<see cref="GlobalOrder"/> names the global THP setting).
/// </param>
/// <param name="Value">The token of write, write range and force write, the <see cref="ThpMode"/> of a THP setting.</param>
/// <param name="NewAddress">First page of the destination of mremap; page of the file of mmap_file.</param>
/// <param name="NewLength">Pages of the destination of mremap.</param>
public readonly record struct Operation(
    OperationKind Kind, int Process, long Address, long Length, int Argument, int Value, long NewAddress = 0, long NewLength = 0)
{
    /// <summary>Stands for the global THP setting where an order is named.</summary>
    public const int GlobalOrder = -1;

    /// <summary>The advice of a madvise.</summary>
    public Advice Advice => (Advice)Argument;

    /// <summary>The access rights of an mmap.</summary>
    public Protection Protection => (Protection)Argument;

    /// <summary>The flags of an mremap.</summary>
    public MremapFlags MremapFlags => (MremapFlags)Argument;

    /// <summary>The handle under which references are held: chosen by the caller, its own in each process.</summary>
    public int Handle => Argument;

    /// <summary>Whether a userfaultfd write-protection protects (or resolves).</summary>
    public bool Protects => Argument != 0;

    /// <summary>What a thp_disable asks for.</summary>
    public ThpDisable ThpDisable => (ThpDisable)Argument;

    /// <summary>The child's process number of a fork.</summary>
    public int Child => Argument;

    /// <summary>The order that an environment operation names.</summary>
    public int Order => Argument;

    /// <summary>The mode of a THP setting.</summary>
    public ThpMode Mode => (ThpMode)Value;

    /// <summary>First page after the range; the last number there is where the range leads beyond all numbers.</summary>
    public long End => (long)Int128.Clamp((Int128)Address + Length, long.MinValue, long.MaxValue);

    /// <summary>mmap of private anonymous memory at a fixed address.</summary>
    public static Operation Mmap(int process, long address, long length, Protection protection = Protection.Read | Protection.Write) =>
        new(OperationKind.Mmap, process, address, length, (int)protection, 0);

    /// <summary>mmap of the file at a fixed address, shared.</summary>
    /// <param name="process">Process.</param>
    /// <param name="address">First page.</param>
    /// <param name="length">Pages.</param>
    /// <param name="filePage">Page of the file that the first page maps.</param>
    /// <param name="protection">Rights.</param>
    public static Operation MmapFile(int process, long address, long length, long filePage, Protection protection = Protection.Read | Protection.Write) =>
        new(OperationKind.MmapFile, process, address, length, (int)protection, 0, filePage);

    /// <summary>munmap.</summary>
    public static Operation Munmap(int process, long address, long length) => new(OperationKind.Munmap, process, address, length, 0, 0);

    /// <summary>madvise.</summary>
    public static Operation Madvise(int process, long address, long length, Advice advice) =>
        new(OperationKind.Madvise, process, address, length, (int)advice, 0);

    /// <summary>Load of one page's token.</summary>
    public static Operation Read(int process, long address) => new(OperationKind.Read, process, address, 1, 0, 0);

    /// <summary>Store of one page's token.</summary>
    public static Operation Write(int process, long address, int token) => new(OperationKind.Write, process, address, 1, 0, token);

    /// <summary>Store of token, token + 1, ... into a range.</summary>
    public static Operation WriteRange(int process, long address, long length, int token) =>
        new(OperationKind.WriteRange, process, address, length, 0, token);

    /// <summary>mprotect.</summary>
    public static Operation Mprotect(int process, long address, long length, Protection protection) =>
        new(OperationKind.Mprotect, process, address, length, (int)protection, 0);

    /// <summary>mremap.</summary>
    public static Operation Mremap(int process, long address, long length, long newLength, MremapFlags flags, long newAddress) =>
        new(OperationKind.Mremap, process, address, length, (int)flags, 0, newAddress, newLength);

    /// <summary>Plain references on the pages of a range.</summary>
    public static Operation Get(int process, int handle, long address, long length) => new(OperationKind.Get, process, address, length, handle, 0);

    /// <summary>Drops plain references.</summary>
    public static Operation Put(int process, int handle) => new(OperationKind.Put, process, 0, 0, handle, 0);

    /// <summary>Long-term pins on the pages of a range, for writing.</summary>
    public static Operation Pin(int process, int handle, long address, long length) => new(OperationKind.Pin, process, address, length, handle, 0);

    /// <summary>Drops long-term pins.</summary>
    public static Operation Unpin(int process, int handle) => new(OperationKind.Unpin, process, 0, 0, handle, 0);

    /// <summary>Long-term pins on the pages of a range, for reading.</summary>
    public static Operation PinRead(int process, int handle, long address, long length) =>
        new(OperationKind.PinRead, process, address, length, handle, 0);

    /// <summary>A range read by somebody else.</summary>
    public static Operation ReadRemote(int process, long address, long length) =>
        new(OperationKind.ReadRemote, process, address, length, 0, 0);

    /// <summary>Load of one page's token, whatever the rights.</summary>
    public static Operation ForceRead(int process, long address) => new(OperationKind.ForceRead, process, address, 1, 0, 0);

    /// <summary>Store of one page's token, whatever the rights.</summary>
    public static Operation ForceWrite(int process, long address, int token) => new(OperationKind.ForceWrite, process, address, 1, 0, token);

    /// <summary>mlock.</summary>
    public static Operation Mlock(int process, long address, long length) => new(OperationKind.Mlock, process, address, length, 0, 0);

    /// <summary>mlock2 with MLOCK_ONFAULT.</summary>
    public static Operation MlockOnFault(int process, long address, long length) =>
        new(OperationKind.MlockOnFault, process, address, length, 0, 0);

    /// <summary>munlock.</summary>
    public static Operation Munlock(int process, long address, long length) => new(OperationKind.Munlock, process, address, length, 0, 0);

    /// <summary>Registration of a range for write-protection with the process's userfaultfd.</summary>
    public static Operation UffdRegister(int process, long address, long length) =>
        new(OperationKind.UffdRegister, process, address, length, 0, 0);

    /// <summary>End of the registration of a range.</summary>
    public static Operation UffdUnregister(int process, long address, long length) =>
        new(OperationKind.UffdUnregister, process, address, length, 0, 0);

    /// <summary>Write-protection of a range by userfaultfd, or its resolution.</summary>
    public static Operation UffdWriteProtect(int process, long address, long length, bool protects) =>
        new(OperationKind.UffdWriteProtect, process, address, length, protects ? 1 : 0, 0);

    /// <summary>Forgets which pages of a process were written.</summary>
    public static Operation ClearSoftDirty(int process) => new(OperationKind.ClearSoftDirty, process, 0, 0, 0, 0);

    /// <summary>Disables large folios for a process.</summary>
    public static Operation DisableThp(int process, ThpDisable disable) => new(OperationKind.ThpDisable, process, 0, 0, (int)disable, 0);

    /// <summary>fork.</summary>
    public static Operation Fork(int process, int child) => new(OperationKind.Fork, process, 0, 0, child, 0);

    /// <summary>exit.</summary>
    public static Operation Exit(int process) => new(OperationKind.Exit, process, 0, 0, 0, 0);

    /// <summary>THP setting of one order, or the global one.</summary>
    public static Operation SetThp(int order, ThpMode mode) => new(OperationKind.SetThp, 0, 0, 0, order, (int)mode);

    /// <summary>The next allocation of an order fails.</summary>
    public static Operation FailAllocation(int order) => new(OperationKind.FailAllocation, 0, 0, 0, order, 0);

    /// <summary>khugepaged at the block around a page.</summary>
    public static Operation Khugepaged(int process, long address) => new(OperationKind.Khugepaged, process, address, 1, 0, 0);

    /// <summary>NUMA hinting faults for a range.</summary>
    public static Operation NumaHint(int process, long address, long length) => new(OperationKind.NumaHint, process, address, length, 0, 0);

    /// <summary>Extension: which pages of a PMD mapping are accessed from now on shows.</summary>
    public static Operation DetectAccess(int process, long address) => new(OperationKind.DetectAccess, process, address, 1, 0, 0);

    /// <summary>Split of the folio that is mapped at a page.</summary>
    public static Operation SplitFolio(int process, long address, int order) => new(OperationKind.SplitFolio, process, address, 1, order, 0);

    /// <summary>The deferred-split shrinker looks at so many folios.</summary>
    public static Operation ShrinkDeferred(long count) => new(OperationKind.ShrinkDeferred, 0, 0, count, 0, 0);

    /// <summary>The shrinker of the huge zero page.</summary>
    public static Operation ShrinkHugeZero() => new(OperationKind.ShrinkHugeZero, 0, 0, 0, 0, 0);
}
