using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Lets one operation do the work of two of its kind: it takes the pages from the first to the last of both, and the other goes. Two writes become one of a range.
/// </summary>
internal static class UnionsPass
{
    public static void Run(ShrinkSearch search)
    {
        for (int i = 0; i < search.Operations.Count; i++)
        {
            for (int j = i + 1; j < search.Operations.Count; j++)
            {
                if (Union(search.Operations[i], search.Operations[j]) is not Operation union)
                    continue;
                if (TryUnion(search, union, i, j) || TryUnion(search, union, j, i))
                    return;
            }
        }
    }

    private static bool TryUnion(ShrinkSearch search, Operation union, int kept, int gone)
    {
        var operations = new List<Operation>(search.Operations) { [kept] = union };
        operations.RemoveAt(gone);
        return search.Try(operations);
    }

    private static Operation? Union(Operation one, Operation other)
    {
        one = AsRange(one);
        other = AsRange(other);
        bool alike = one.Kind == other.Kind && one.Process == other.Process && one.Argument == other.Argument
            && OperandKinds.HasRange(one.Kind) && one.Kind != OperationKind.Mremap;
        if (!alike || one.Address < 0 || other.Address < 0 || one.Length > Machine.AddressSpacePages || other.Length > Machine.AddressSpacePages)
            return null;
        long from = Math.Min(one.Address, other.Address);
        return one with { Address = from, Length = Math.Max(one.End, other.End) - from };
    }

    private static Operation AsRange(Operation operation) =>
        operation.Kind == OperationKind.Write ? Operation.WriteRange(operation.Process, operation.Address, 1, operation.Value) : operation;
}
