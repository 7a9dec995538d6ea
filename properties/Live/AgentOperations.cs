using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>Operations as requests to an agent.</summary>
internal static class AgentOperations
{
    private const ulong OnFault = 1;

    /// <summary>The request, for an operation that a program does to itself.</summary>
    public static AgentRequest Request(in Operation operation)
    {
        ulong address = Arena.Address(operation.Address);
        ulong bytes = Arena.Bytes(operation.Length);
        ulong argument = (ulong)(uint)operation.Argument;
        uint handle = (uint)operation.Handle;
        return operation.Kind switch
        {
            OperationKind.Mmap => new(AgentCall.Mmap, 0, address, bytes, argument),
            OperationKind.Munmap => new(AgentCall.Munmap, 0, address, bytes),
            OperationKind.Madvise => new(AgentCall.Madvise, 0, address, bytes, (ulong)Number(operation.Advice)),
            OperationKind.Mprotect => new(AgentCall.Mprotect, 0, address, bytes, argument),
            OperationKind.Mremap => new(
                AgentCall.Mremap, 0, address, bytes, Arena.Bytes(operation.NewLength), argument, Arena.Address(operation.NewAddress)),
            OperationKind.Mlock => new(AgentCall.Mlock, 0, address, bytes),
            OperationKind.MlockOnFault => new(AgentCall.Mlock2, 0, address, bytes, OnFault),
            OperationKind.Munlock => new(AgentCall.Munlock, 0, address, bytes),
            OperationKind.Read => new(AgentCall.Read, 0, address),
            OperationKind.Write => new(AgentCall.Write, 0, address, 1, (uint)operation.Value),
            OperationKind.WriteRange => new(AgentCall.WriteRange, 0, address, unchecked((ulong)operation.Length), (uint)operation.Value),
            OperationKind.Get => new(AgentCall.Get, handle, address, bytes),
            OperationKind.Put => new(AgentCall.Put, handle),
            OperationKind.Pin => new(AgentCall.Pin, handle, address, bytes),
            OperationKind.Unpin => new(AgentCall.Unpin, handle),
            OperationKind.UffdRegister => new(AgentCall.UffdRegister, 0, address, bytes),
            OperationKind.UffdUnregister => new(AgentCall.UffdUnregister, 0, address, bytes),
            OperationKind.UffdWriteProtect => new(AgentCall.UffdWriteProtect, 0, address, bytes, argument),
            OperationKind.ThpDisable => new(AgentCall.ThpDisable, 0, argument),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Kind, "not a call of an agent"),
        };
    }

    /// <summary>The number of an advice in madvise(2).</summary>
    public static int Number(Advice advice) => advice switch
    {
        Advice.HugePage => 14,
        Advice.NoHugePage => 15,
        Advice.DontNeed => 4,
        Advice.Free => 8,
        Advice.DontFork => 10,
        Advice.DoFork => 11,
        Advice.WipeOnFork => 18,
        Advice.KeepOnFork => 19,
        Advice.Cold => 20,
        Advice.PopulateRead => 22,
        Advice.PopulateWrite => 23,
        Advice.DontNeedLocked => 24,
        Advice.Collapse => 25,
        Advice.GuardInstall => 102,
        Advice.GuardRemove => 103,
        _ => throw new ArgumentOutOfRangeException(nameof(advice)),
    };
}
