using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Scenarios in which processes 0 and 1 have changed names.</summary>
internal static class Mirror
{
    /// <summary>The operation as the other process would do it.</summary>
    public static Operation Of(Operation operation) =>
        OperationText.IsEnvironment(operation.Kind) ? operation : ProcessNames.Swap(operation, 0, 1);

    /// <summary>The mirrored scenario. A new system has a process 0 only, so it forks the other one first, and ends.</summary>
    public static Scenario Of(Scenario scenario) =>
        scenario with { Operations = [Operation.Fork(0, 1), Operation.Exit(0), .. scenario.Operations.Select(Of)] };
}
