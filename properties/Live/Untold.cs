using System.Collections.Frozen;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>
/// What the kernel does not tell of its shrinkers: there is no way to run just one of them, and all are run again while much was freed, so that a folio that cannot be
/// split is tried, and counted, more than once.
/// </summary>
internal static class Untold
{
    private const string Failed = ".split_failed";

    /// <summary>Has a model do what the kernel does: both shrinkers, where it is one of them.</summary>
    public static Outcome Apply(IMemorySystem model, in Operation operation)
    {
        if (!RunsShrinkers(operation))
            return model.Apply(operation);
        model.Apply(Operation.ShrinkDeferred(int.MaxValue));
        return model.Apply(Operation.ShrinkHugeZero());
    }

    /// <summary>The counters that can be compared.</summary>
    public static IReadOnlyDictionary<string, long> Told(in Operation operation, IReadOnlyDictionary<string, long> counters) => RunsShrinkers(operation)
        ? counters.Where(counter => !counter.Key.EndsWith(Failed, StringComparison.Ordinal)).ToFrozenDictionary()
        : counters;

    private static bool RunsShrinkers(in Operation operation) => operation.Kind is OperationKind.ShrinkDeferred or OperationKind.ShrinkHugeZero;
}
