using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>The operations that a system can do, and the folio orders that it has. Nothing else is drawn for it.</summary>
public sealed class OperationSubset
{
    private readonly SortedSet<string> _kinds;
    private readonly SortedSet<int> _orders;

    private OperationSubset(IEnumerable<string> kinds, IEnumerable<int> orders)
    {
        _kinds = new SortedSet<string>(kinds, StringComparer.Ordinal);
        _orders = [.. orders];
    }

    /// <summary>All kinds, in the words of <see cref="OperationText.KindName"/>, by name.</summary>
    public static IEnumerable<string> AllKinds => Tally.Promised.Keys;

    /// <summary>All orders of anonymous folios, that of a PMD mapping included.</summary>
    public static IEnumerable<int> AllOrders => [0, .. Enumerable.Range(Machine.SmallestLargeOrder, Machine.LargestPmdOrder - 1)];

    /// <summary>Everything.</summary>
    public static OperationSubset All { get; } = new(AllKinds, AllOrders);

    /// <summary>Kinds that are in it, by name.</summary>
    public IEnumerable<string> Kinds => _kinds;

    /// <summary>Kinds that are not.</summary>
    public IEnumerable<string> LeftOut => AllKinds.Where(kind => !_kinds.Contains(kind));

    /// <summary>Orders that are in it.</summary>
    public IEnumerable<int> Orders => _orders;

    /// <summary>Whether nothing is left out.</summary>
    public bool IsComplete => _kinds.Count == All._kinds.Count && _orders.Count == All._orders.Count;

    /// <summary>Reads names of kinds, and orders.</summary>
    /// <param name="kinds">The kinds.</param>
    /// <param name="orders">The orders.</param>
    /// <param name="subset">The subset.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Parse(IReadOnlyCollection<string> kinds, IReadOnlyCollection<int> orders, out OperationSubset subset)
    {
        subset = All;
        if (kinds.FirstOrDefault(kind => !Tally.Promised.ContainsKey(kind)) is string unknown)
            return $"unknown operation '{unknown}'";
        if (kinds.Count == 0)
            return "no operation at all";
        if (!orders.Contains(0))
            return "order 0 is missing among the orders";
        if (orders.Except(AllOrders).Any())
            return $"order {orders.Except(AllOrders).First()} is none of anonymous memory: 0, and {Machine.SmallestLargeOrder} to {Machine.LargestPmdOrder}";
        subset = new OperationSubset(kinds, orders);
        return null;
    }

    /// <summary>Whether a system that can do these can be asked for an operation.</summary>
    public bool Includes(in Operation operation)
    {
        if (IsComplete)
            return true;
        if (!_kinds.Contains(OperationText.KindName(operation)))
            return false;
        return operation.Kind != OperationKind.SetThp || operation.Order == Operation.GlobalOrder || operation.Mode == ThpMode.Never
            || _orders.Contains(operation.Order);
    }

    /// <summary>Whether a system that can do these can be asked for all of a scenario.</summary>
    public bool Includes(Scenario scenario) =>
        scenario.Operations.All(operation => Includes(operation)) && Restrict(scenario.Machine) == scenario.Machine;

    /// <summary>The machine without the orders that are not in it, and without soft-dirty bits where nobody can clear them, without a file where nobody can map it.</summary>
    public Machine Restrict(Machine machine)
    {
        if (IsComplete)
            return machine;
        ThpPolicy policy = machine.Thp;
        for (int order = Machine.SmallestLargeOrder; order <= Machine.LargestPmdOrder; order++)
        {
            if (!_orders.Contains(order))
                policy = policy.With(order, ThpMode.Never);
        }
        if (!_kinds.Contains("mmap_file"))
            machine = machine with { FilePages = 0 };
        return machine with { Thp = policy, SoftDirty = machine.SoftDirty && _kinds.Contains("clear_soft_dirty") };
    }
}
