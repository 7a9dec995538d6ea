using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Lets a process go on by itself where its child took over: the fork and the exit of the one that leaves go, and from there on the two change names. Then
/// lets a process of a lower number do what another one does.
/// </summary>
internal static class ProcessesPass
{
    public static void Run(ShrinkSearch search)
    {
        for (int i = search.Operations.Count - 1; i >= 0; i--)
        {
            if (i < search.Operations.Count && search.Operations[i].Kind == OperationKind.Fork)
                search.Try(WithoutSuccession(search.Operations, i));
        }
        int[] numbers = [.. search.Operations.SelectMany(ProcessNames.In).Distinct().Order()];
        for (int i = numbers.Length - 1; i > 0; i--)
        {
            for (int target = 0; target < i; target++)
                search.Try([.. search.Operations.Select(operation => ProcessNames.Renumber(operation, numbers[i], numbers[target]))]);
        }
    }

    private static List<Operation> WithoutSuccession(IReadOnlyList<Operation> operations, int fork)
    {
        int parent = operations[fork].Process;
        int child = operations[fork].Child;
        var rest = new List<Operation>(operations.Take(fork));
        bool left = false;
        foreach (Operation operation in operations.Skip(fork + 1))
        {
            if (!left && operation.Kind == OperationKind.Exit && operation.Process == parent)
                left = true;
            else
                rest.Add(ProcessNames.Swap(operation, parent, child));
        }
        return rest;
    }
}
