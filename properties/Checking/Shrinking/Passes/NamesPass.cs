using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Closes gaps in the numbers of processes and of handles.</summary>
internal static class NamesPass
{
    public static void Run(ShrinkSearch search)
    {
        CloseGaps(search, ProcessNames.In, ProcessNames.Renumber);
        CloseGaps(search, Handles, (operation, from, to) => Handles(operation).Contains(from) ? operation with { Argument = to } : operation);
    }

    private static void CloseGaps(ShrinkSearch search, Func<Operation, IEnumerable<int>> names, Func<Operation, int, int, Operation> rename)
    {
        int[] numbers = [.. search.Operations.SelectMany(names).Distinct().Order()];
        for (int i = 0; i < numbers.Length; i++)
        {
            for (int free = 0; free < numbers[i]; free++)
            {
                if (search.Operations.SelectMany(names).Contains(free))
                    continue;
                if (search.Try([.. search.Operations.Select(operation => rename(operation, numbers[i], free))]))
                    break;
            }
        }
    }

    private static IEnumerable<int> Handles(Operation operation) => OperandKinds.NamesHandle(operation.Kind) ? [operation.Handle] : [];
}
