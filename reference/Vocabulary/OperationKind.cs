namespace FolioCheck.Vocabulary;

/// <summary>What an <see cref="Operation"/> does: a call of a program, or something that the kernel's environment does.</summary>
public enum OperationKind
{
    /// <summary>mmap(2), private, anonymous, MAP_FIXED: replaces whatever the range held.</summary>
    Mmap,

    /// <summary>mmap of the machine's file, shared, at a fixed address.</summary>
    MmapFile,

    /// <summary>munmap(2).</summary>
    Munmap,

    /// <summary>madvise(2) with one <see cref="Advice"/>.</summary>
    Madvise,

    /// <summary>Loads the token of one page.</summary>
    Read,

    /// <summary>Stores a token into one page.</summary>
    Write,

    /// <summary>Stores token, token + 1, ... into consecutive pages, ascending, until the first page that faults with a signal.</summary>
    WriteRange,

    /// <summary>fork(2): the child takes the process number that the operation names.</summary>
    Fork,

    /// <summary>exit(2): the process and all its mappings end.</summary>
    Exit,

    /// <summary>mprotect(2).</summary>
    Mprotect,

    /// <summary>mremap(2).</summary>
    Mremap,

    /// <summary>Takes a plain reference (FOLL_GET) on each page of a range, as vmsplice(2) into a pipe does.</summary>
    Get,

    /// <summary>Drops what a <see cref="Get"/> took.</summary>
    Put,

    /// <summary>Pins a range for long (FOLL_PIN, FOLL_WRITE, FOLL_LONGTERM), as an io_uring registered buffer does.</summary>
    Pin,

    /// <summary>Drops what a <see cref="Pin"/> or a <see cref="PinRead"/> took.</summary>
    Unpin,

    /// <summary>Pins a range for long and only for reading (FOLL_PIN, FOLL_LONGTERM), which unshares its pages first.</summary>
    PinRead,

    /// <summary>
    /// process_vm_readv(2) by somebody else: pins a range for a moment to read it (FOLL_PIN without FOLL_LONGTERM), which unshares anonymous pages but not the zero page.
    /// </summary>
    ReadRemote,

    /// <summary>Loads the token of one page whatever the rights are (FOLL_FORCE), as a debugger does through /proc/PID/mem.</summary>
    ForceRead,

    /// <summary>Stores a token into one page whatever the rights are (FOLL_FORCE).</summary>
    ForceWrite,

    /// <summary>mlock(2): marks VMAs locked, mlocks their folios and populates the range.</summary>
    Mlock,

    /// <summary>mlock2(2) with MLOCK_ONFAULT: as <see cref="Mlock"/>, without populating.</summary>
    MlockOnFault,

    /// <summary>munlock(2).</summary>
    Munlock,

    /// <summary>UFFDIO_REGISTER in write-protect mode, with the process's one userfaultfd, which answers with SIGBUS.</summary>
    UffdRegister,

    /// <summary>UFFDIO_UNREGISTER.</summary>
    UffdUnregister,

    /// <summary>UFFDIO_WRITEPROTECT: protects a range, or resolves the protection.</summary>
    UffdWriteProtect,

    /// <summary>Writes 4 to /proc/PID/clear_refs: forgets which pages were written.</summary>
    ClearSoftDirty,

    /// <summary>prctl(2) with PR_SET_THP_DISABLE.</summary>
    ThpDisable,

    /// <summary>Writes one of the transparent huge page "enabled" files in sysfs: of one order, or the global one.</summary>
    SetThp,

    /// <summary>The next allocation of one order fails, as under memory pressure.</summary>
    FailAllocation,

    /// <summary>khugepaged looks at one block of a process, and collapses it if it may.</summary>
    Khugepaged,

    /// <summary>NUMA balancing makes a range fault at its next access (change_prot_numa).</summary>
    NumaHint,

    /// <summary>Extension: a PMD mapping gives way to entries that were not accessed, so that it shows which pages are.</summary>
    DetectAccess,

    /// <summary>Splits the folio that a process maps at a page into folios of a lower order (split_folio_to_order, as debugfs split_huge_pages does).</summary>
    SplitFolio,

    /// <summary>The shrinker of the deferred-split queue looks at its oldest folios.</summary>
    ShrinkDeferred,

    /// <summary>The shrinker of the huge zero page frees it if nobody holds it.</summary>
    ShrinkHugeZero,
}

/// <summary>The advice of an <see cref="OperationKind.Madvise"/>: names of madvise(2).</summary>
public enum Advice
{
    /// <summary>MADV_HUGEPAGE: sets VM_HUGEPAGE, clears VM_NOHUGEPAGE.</summary>
    HugePage,

    /// <summary>MADV_NOHUGEPAGE: sets VM_NOHUGEPAGE, clears VM_HUGEPAGE.</summary>
    NoHugePage,

    /// <summary>MADV_DONTNEED: zaps the range.</summary>
    DontNeed,

    /// <summary>MADV_FREE: marks folios lazily freeable; part of a folio splits it.</summary>
    Free,

    /// <summary>MADV_DONTFORK: the range is left out of children.</summary>
    DontFork,

    /// <summary>MADV_DOFORK: undoes DONTFORK.</summary>
    DoFork,

    /// <summary>MADV_WIPEONFORK: children get the range empty.</summary>
    WipeOnFork,

    /// <summary>MADV_KEEPONFORK: undoes WIPEONFORK.</summary>
    KeepOnFork,

    /// <summary>MADV_COLD: takes the accessed bits; part of a folio splits it.</summary>
    Cold,

    /// <summary>MADV_POPULATE_READ: faults every page for reading.</summary>
    PopulateRead,

    /// <summary>MADV_POPULATE_WRITE: faults every page for writing.</summary>
    PopulateWrite,

    /// <summary>MADV_DONTNEED_LOCKED: zaps the range, locked or not.</summary>
    DontNeedLocked,

    /// <summary>MADV_GUARD_INSTALL: zaps the range and leaves a guard marker in every entry.</summary>
    GuardInstall,

    /// <summary>MADV_GUARD_REMOVE: takes guard markers away.</summary>
    GuardRemove,

    /// <summary>MADV_COLLAPSE: copies every whole block of the range into a folio of the PMD order.</summary>
    Collapse,
}

/// <summary>Access rights of a mapping: PROT_READ and PROT_WRITE of mmap(2).</summary>
[Flags]
public enum Protection
{
    /// <summary>PROT_NONE.</summary>
    None = 0,

    /// <summary>PROT_READ.</summary>
    Read = 1,

    /// <summary>PROT_WRITE. On the modelled machines a page that may be written may also be read once it is mapped.</summary>
    Write = 2,
}

/// <summary>Flags of <see cref="OperationKind.Mremap"/>: those of mremap(2).</summary>
[Flags]
public enum MremapFlags
{
    /// <summary>Resize in place.</summary>
    None = 0,

    /// <summary>MREMAP_MAYMOVE.</summary>
    MayMove = 1,

    /// <summary>MREMAP_FIXED: to the address given.</summary>
    Fixed = 2,

    /// <summary>MREMAP_DONTUNMAP: the old mapping stays, empty.</summary>
    DontUnmap = 4,
}
