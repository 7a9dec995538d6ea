using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Resolves operands: what an operation names beyond what it is about goes away. Fields that its call does not have become 0, a range is cut to the pages that
/// some operation maps, a range of one page that is written becomes a write. All operations at once, then those that must stay one by one.
/// </summary>
internal static class ResolvePass
{
    public static void Run(ShrinkSearch search)
    {
        (long from, long end) = Mapped(search.Operations);
        if (search.Try([.. search.Operations.Select(operation => Resolve(operation, from, end))]))
            return;
        for (int i = 0; i < search.Operations.Count; i++)
            search.TryInPlace(i, Resolve(search.Operations[i], from, end));
    }

    /// <summary>The pages from the first to the last that an mmap, of the file too, or an mremap names.</summary>
    private static (long From, long End) Mapped(IReadOnlyList<Operation> operations)
    {
        long from = long.MaxValue;
        long end = 0;
        foreach (Operation operation in operations.Where(operation => operation.Kind is OperationKind.Mmap or OperationKind.MmapFile or OperationKind.Mremap))
        {
            if (operation.Address < 0 || operation.Length is < 0 or > Machine.AddressSpacePages || operation.NewLength < 0
                || operation.NewLength > Machine.AddressSpacePages - operation.Length)
            {
                continue;
            }
            from = Math.Min(from, operation.Address);
            end = Math.Max(end, operation.End);
            if (operation.Kind != OperationKind.Mremap || operation.NewAddress is < 0 or > Machine.AddressSpacePages)
                continue;
            from = Math.Min(from, operation.NewAddress);
            end = Math.Max(end, operation.NewAddress + operation.NewLength);
        }
        return (from, end);
    }

    private static Operation Resolve(Operation operation, long from, long end)
    {
        // A call as text has the operands that it has, and no others.
        if (OperationText.Parse(operation.Process, OperationText.Call(operation), out Operation plain) is null)
            operation = plain;
        bool cut = OperandKinds.HasRange(operation.Kind) && operation.Kind is not (OperationKind.Mmap or OperationKind.MmapFile or OperationKind.Mremap)
            && operation.Address >= 0 && operation.Length is > 0 and <= Machine.AddressSpacePages;
        if (cut)
        {
            long first = Math.Max(operation.Address, from);
            long last = Math.Min(operation.End, end);
            if (first < last)
                operation = operation with { Address = first, Length = last - first };
        }
        return operation.Kind == OperationKind.WriteRange && operation.Length == 1
            ? Operation.Write(operation.Process, operation.Address, operation.Value)
            : operation;
    }
}
