using FolioCheck.Kernel;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>Operations in the words of a transcript: the reverse of <see cref="OperationTranslation"/>.</summary>
internal static class RecordedCall
{
    private const int PrivateAnonymousFixed = 50;
    private const int OnFault = 1;

    public static RecordedOperation Of(in Operation operation)
    {
        long a = operation.Address;
        long n = operation.Length;
        int argument = operation.Argument;
        return operation.Kind switch
        {
            OperationKind.Mmap => Call("mmap", operation, a, n, argument, PrivateAnonymousFixed, -1, 0),
            OperationKind.Munmap => Call("munmap", operation, a, n),
            OperationKind.Madvise => new RecordedOperation(
                "madvise", [new(operation.Process), new(a), new(n), new(0, OperationText.NameOf(operation.Advice))]),
            OperationKind.Mprotect => Call("mprotect", operation, a, n, argument),
            OperationKind.Mremap => Call("mremap", operation, a, n, operation.NewLength, argument, operation.NewAddress),
            OperationKind.Mlock => Call("mlock", operation, a, n),
            OperationKind.MlockOnFault => Call("mlock2", operation, a, n, OnFault),
            OperationKind.Munlock => Call("munlock", operation, a, n),
            OperationKind.Read => Call("r", operation, a),
            OperationKind.Write => Call("w", operation, a, operation.Value),
            OperationKind.WriteRange => Call("wr", operation, a, n, operation.Value),
            OperationKind.Get => Call("get", operation, argument, a, n),
            OperationKind.Put => Call("put", operation, argument),
            OperationKind.Pin => Call("pin", operation, argument, a, n),
            OperationKind.Unpin => Call("unpin", operation, argument),
            OperationKind.ReadRemote => Call("pread_remote", operation, a, n),
            OperationKind.ForceRead => Call("force_read", operation, a),
            OperationKind.ForceWrite => Call("force_write", operation, a, operation.Value),
            OperationKind.UffdRegister => Call("uffd_register", operation, a, n),
            OperationKind.UffdUnregister => Call("uffd_unregister", operation, a, n),
            OperationKind.UffdWriteProtect => Call("uffd_wp", operation, a, n, argument),
            OperationKind.ThpDisable => Call("thp_disable", operation, argument),
            OperationKind.Fork => Call("fork", operation, argument),
            OperationKind.Exit => Call("exit", operation),
            // The format has no word for these; such a record can be compared but not written.
            _ => new RecordedOperation(OperationText.KindName(operation), []),
        };
    }

    private static RecordedOperation Call(string name, in Operation operation, params ReadOnlySpan<long> arguments)
    {
        var all = new RecordedArgument[arguments.Length + 1];
        all[0] = new RecordedArgument(operation.Process);
        for (int i = 0; i < arguments.Length; i++)
            all[i + 1] = new RecordedArgument(arguments[i]);
        return new RecordedOperation(name, all);
    }
}
