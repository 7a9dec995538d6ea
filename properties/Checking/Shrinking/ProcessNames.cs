using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>The process numbers that operations name.</summary>
internal static class ProcessNames
{
    /// <summary>Those in one operation.</summary>
    public static IEnumerable<int> In(Operation operation) =>
        operation.Kind == OperationKind.Fork ? [operation.Process, operation.Child] : [operation.Process];

    /// <summary>The operation with one number in the place of another.</summary>
    public static Operation Renumber(Operation operation, int from, int to)
    {
        if (operation.Process == from)
            operation = operation with { Process = to };
        return operation.Kind == OperationKind.Fork && operation.Child == from ? operation with { Argument = to } : operation;
    }

    /// <summary>The operation with two numbers in each other's place.</summary>
    public static Operation Swap(Operation operation, int one, int other)
    {
        int process = Swapped(operation.Process);
        return operation.Kind == OperationKind.Fork
            ? operation with { Process = process, Argument = Swapped(operation.Child) }
            : operation with { Process = process };

        int Swapped(int number) => number == one ? other : number == other ? one : number;
    }
}
