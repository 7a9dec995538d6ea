using FolioCheck.Kernel;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>What of a transcript is put into the vocabulary of the models, and what is said about the rest.</summary>
public class OperationTranslationTests
{
    public static TheoryData<RecordedOperation, Operation> Modelled => new()
    {
        { Call("mmap", 0, 16, 8, 3, 50, -1, 0), Operation.Mmap(0, 16, 8) },
        { Call("mmap", 2, 16, 0, 0, 50, -1, 0), Operation.Mmap(2, 16, 0, Protection.None) },
        { Call("munmap", 1, 7, 1L << 52), Operation.Munmap(1, 7, 1L << 52) },
        { Advise("HUGEPAGE"), Operation.Madvise(1, 5, 6, Advice.HugePage) },
        { Advise("NOHUGEPAGE"), Operation.Madvise(1, 5, 6, Advice.NoHugePage) },
        { Advise("DONTNEED"), Operation.Madvise(1, 5, 6, Advice.DontNeed) },
        { Advise("COLLAPSE"), Operation.Madvise(1, 5, 6, Advice.Collapse) },
        { Advise("FREE"), Operation.Madvise(1, 5, 6, Advice.Free) },
        { Advise("POPULATE_READ"), Operation.Madvise(1, 5, 6, Advice.PopulateRead) },
        { Advise("POPULATE_WRITE"), Operation.Madvise(1, 5, 6, Advice.PopulateWrite) },
        { Advise("COLD"), Operation.Madvise(1, 5, 6, Advice.Cold) },
        { Advise("DONTFORK"), Operation.Madvise(1, 5, 6, Advice.DontFork) },
        { Advise("DOFORK"), Operation.Madvise(1, 5, 6, Advice.DoFork) },
        { Advise("WIPEONFORK"), Operation.Madvise(1, 5, 6, Advice.WipeOnFork) },
        { Advise("KEEPONFORK"), Operation.Madvise(1, 5, 6, Advice.KeepOnFork) },
        { Call("mprotect", 1, 5, 6, 1), Operation.Mprotect(1, 5, 6, Protection.Read) },
        { Call("mremap", 1, 5, 6, 7, 3, 90), Operation.Mremap(1, 5, 6, 7, MremapFlags.MayMove | MremapFlags.Fixed, 90) },
        { Call("get", 1, 4, 5, 6), Operation.Get(1, 4, 5, 6) },
        { Call("put", 1, 4), Operation.Put(1, 4) },
        { Call("pin", 1, 4, 5, 6), Operation.Pin(1, 4, 5, 6) },
        { Call("unpin", 1, 4), Operation.Unpin(1, 4) },
        { Advise("DONTNEED_LOCKED"), Operation.Madvise(1, 5, 6, Advice.DontNeedLocked) },
        { Advise("GUARD_INSTALL"), Operation.Madvise(1, 5, 6, Advice.GuardInstall) },
        { Advise("GUARD_REMOVE"), Operation.Madvise(1, 5, 6, Advice.GuardRemove) },
        { Call("mlock", 1, 5, 6), Operation.Mlock(1, 5, 6) },
        { Call("mlock2", 1, 5, 6, 0), Operation.Mlock(1, 5, 6) },
        { Call("mlock2", 1, 5, 6, 1), Operation.MlockOnFault(1, 5, 6) },
        { Call("munlock", 1, 5, 6), Operation.Munlock(1, 5, 6) },
        { Call("uffd_register", 1, 5, 6), Operation.UffdRegister(1, 5, 6) },
        { Call("uffd_unregister", 1, 5, 6), Operation.UffdUnregister(1, 5, 6) },
        { Call("uffd_wp", 1, 5, 6, 1), Operation.UffdWriteProtect(1, 5, 6, true) },
        { Call("uffd_wp", 1, 5, 6, 0), Operation.UffdWriteProtect(1, 5, 6, false) },
        { Call("thp_disable", 1, 2), Operation.DisableThp(1, ThpDisable.ExceptAdvised) },
        { Call("pread_remote", 1, 5, 6), Operation.ReadRemote(1, 5, 6) },
        { Call("force_read", 1, 5), Operation.ForceRead(1, 5) },
        { Call("force_write", 1, 5, 2000), Operation.ForceWrite(1, 5, 2000) },
        { Call("w", 3, 9, 2000), Operation.Write(3, 9, 2000) },
        { Call("r", 3, 9), Operation.Read(3, 9) },
        { Call("wr", 3, 9, 4, 2000), Operation.WriteRange(3, 9, 4, 2000) },
        { Call("fork", 0, 4), Operation.Fork(0, 4) },
        { Call("exit", 4), Operation.Exit(4) },
    };

    public static TheoryData<RecordedOperation, string> NotModelled => new()
    {
        { Call("mmap", 0, 16, 8, 3, 0x100022, -1, 0), "mmap flags 0x100022 are not modelled yet" },
        { Call("mmap", 0, 16, 8, 3, 49, -1, 0), "mmap flags 0x31 are not modelled yet" },
        { Call("mmap", 0, 16, 8, 3, 50, 3, 0), "a descriptor or an offset for anonymous memory is not modelled yet" },
        { Call("mmap", 0, 16, 8, 3, 50, -1, 8), "a descriptor or an offset for anonymous memory is not modelled yet" },
        { Call("mmap", 0, 16, 8, 7, 50, -1, 0), "mmap protection 0x7 is not modelled yet" },
        { Call("mmap", 0, 16.5m, 8, 3, 50, -1, 0), "an unaligned address is not modelled yet" },
        { Call("munmap", 0, 16, 8.25m), "an unaligned length is not modelled yet" },
        { Call("r", 0, -1), "an address below the arena is not modelled yet" },
        { Call("w", 0, 1, 1L << 31), "a token of more than 31 bits is not modelled yet" },
        { Call("wr", 0, 1, 1, -1), "a token of more than 31 bits is not modelled yet" },
        { Call("mprotect", 1, 5, 6, 0x40), "mprotect protection 0x40 is not modelled yet" },
        { Call("mremap", 1, 5, 6, 7, 1, 0), "mremap to a place of the kernel's choice is not modelled yet" },
        { Call("mlock2", 1, 5, 6, 2), "mlock2 flags 0x2 are not modelled yet" },
        { Advise("PAGEOUT"), "madvise PAGEOUT is not modelled yet" },
        { Call("madvise", 1, 5, 6, 99), "madvise 99 is not modelled yet" },
    };

    [Theory]
    [MemberData(nameof(Modelled))]
    public void Modelled_operations_are_translated(RecordedOperation call, Operation operation) =>
        Assert.Equal(Translation.FromOperation(operation), OperationTranslation.Translate(call));

    [Theory]
    [MemberData(nameof(NotModelled))]
    public void What_is_not_modelled_is_named(RecordedOperation call, string reason) =>
        Assert.Equal(reason, OperationTranslation.Translate(call).Reason);

    [Fact]
    public void Every_other_operation_of_the_format_is_named()
    {
        foreach (string name in OperationSchema.Names.Except(Modelled.Select(row => ((RecordedOperation)row[0]).Name)))
            Assert.Equal(name + " is not modelled yet", OperationTranslation.Translate(Call(name)).Reason);
    }

    private static RecordedOperation Call(string name, params decimal[] arguments) =>
        new(name, [.. arguments.Select(number => new RecordedArgument(number))]);

    private static RecordedOperation Advise(string advice) => new("madvise", [new(1), new(5), new(6), new(0, advice)]);
}
