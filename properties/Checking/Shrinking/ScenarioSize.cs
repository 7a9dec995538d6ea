using System.Numerics;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// How large a scenario is: a row of natural numbers, compared like words in a dictionary. Such rows are well ordered: there is no endless chain of ever
/// smaller ones.
/// </summary>
public sealed class ScenarioSize
{
    private readonly UInt128[] _parts;

    /// <summary>The size of a scenario.</summary>
    public ScenarioSize(Scenario scenario)
    {
        Machine machine = scenario.Machine;
        IReadOnlyList<Operation> operations = scenario.Operations;
        _parts =
        [
            (UInt128)operations.Count,
            (UInt128)operations.SelectMany(ProcessNames.In).Distinct().Count(),
            .. Policies(machine.Thp),
            (UInt128)machine.EntriesPerTable, (UInt128)machine.ContPteEntries, (UInt128)machine.Frames,
            (UInt128)(BitOperations.PopCount((uint)machine.Quirks) + (machine.SoftDirty ? 1 : 0) + (machine.Arch == Arch.X86 ? 0 : 1)), (UInt128)machine.FilePages,
            Sum(operations, operation => Magnitude(operation.Length) + Magnitude(operation.NewLength)),
            Sum(operations, operation => Magnitude(operation.Address) + Magnitude(operation.NewAddress)),
            Sum(operations, operation => Magnitude(operation.Value)),
            Sum(operations, Names),
            Sum(operations, operation => operation.Kind == OperationKind.WriteRange ? UInt128.One : UInt128.Zero),
        ];
    }

    /// <summary>Whether this size comes before another.</summary>
    public bool IsSmallerThan(ScenarioSize other) => _parts.AsSpan().SequenceCompareTo(other._parts) < 0;

    /// <summary>Sizes of folios in use, then their sum, then how many ask for an madvise, then a global setting other than the usual one.</summary>
    private static UInt128[] Policies(ThpPolicy policy)
    {
        int[] orders = [.. Enumerable.Range(Machine.SmallestLargeOrder, Machine.LargestPmdOrder - 1).Where(order => policy[order] != ThpMode.Never)];
        return
        [
            (UInt128)orders.Length, (UInt128)orders.Sum(), (UInt128)orders.Count(order => policy[order] != ThpMode.Always),
            policy.Global == ThpMode.Madvise ? UInt128.Zero : UInt128.One,
        ];
    }

    private static UInt128 Names(Operation operation)
    {
        UInt128 handle = OperandKinds.NamesHandle(operation.Kind) ? Magnitude(operation.Handle) : 0;
        return ProcessNames.In(operation).Aggregate(handle, (sum, process) => sum + Magnitude(process));
    }

    private static UInt128 Sum(IEnumerable<Operation> operations, Func<Operation, UInt128> part) =>
        operations.Aggregate(UInt128.Zero, (sum, operation) => sum + part(operation));

    private static UInt128 Magnitude(long number) => (UInt128)Int128.Abs(number);
}
