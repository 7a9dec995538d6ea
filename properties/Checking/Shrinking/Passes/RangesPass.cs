using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Makes ranges shorter and single pages lower, one operation at a time; then moves all addresses down together.</summary>
internal static class RangesPass
{
    public static void Run(ShrinkSearch search)
    {
        for (int i = 0; i < search.Operations.Count; i++)
        {
            while (Smaller(search.Operations[i]).Any(candidate => search.TryInPlace(i, candidate)))
            {
            }
        }
        MoveDown(search);
    }

    private static IEnumerable<Operation> Smaller(Operation operation)
    {
        long length = operation.Length;
        if (operation.Kind == OperationKind.Mremap)
        {
            if (length > 1 && length == operation.NewLength)
                yield return operation with { Length = length / 2, NewLength = length / 2 };
        }
        else if (OperandKinds.HasRange(operation.Kind) && length > 1)
        {
            yield return operation with { Length = 1 };
            yield return operation with { Length = length / 2 };
            yield return operation with { Length = length - 1 };
            yield return operation with { Address = operation.Address + 1, Length = length - 1 };
        }
        else if (OperandKinds.IsOfOnePage(operation.Kind) && operation.Address > 0)
        {
            yield return operation with { Address = operation.Address / 2 };
            yield return operation with { Address = operation.Address - 1 };
        }
    }

    /// <summary>By whole tables, then by less.</summary>
    private static void MoveDown(ShrinkSearch search)
    {
        for (long step = 4L * search.Best.Machine.EntriesPerTable; step >= 1; step /= 2)
        {
            while (!search.IsSpent && CanMove(search.Operations, step)
                && search.Try([.. search.Operations.Select(operation => IsAt(operation, step) ? operation with { Address = operation.Address - step } : operation)]))
            {
            }
        }
    }

    private static bool CanMove(IReadOnlyList<Operation> operations, long step) =>
        operations.Any(operation => IsAt(operation, step))
        && operations.All(operation => !OperandKinds.HasAddress(operation.Kind) || operation.Address >= step || operation.Address < 0);

    private static bool IsAt(Operation operation, long step) => OperandKinds.HasAddress(operation.Kind) && operation.Address >= step;
}
