using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Fewer folio sizes, smaller ones, and settings that ask for no madvise. A setting that changes in the middle is tried as one that holds from the start.
/// </summary>
internal static class PoliciesPass
{
    public static void Run(ShrinkSearch search)
    {
        FromTheStart(search);
        for (int order = Machine.SmallestLargeOrder; order <= Machine.LargestPmdOrder; order++)
        {
            if (search.Best.Machine.Thp[order] == ThpMode.Never || Try(search, order, ThpMode.Never))
                continue;
            if (search.Best.Machine.Thp[order] != ThpMode.Always)
                Try(search, order, ThpMode.Always);
            for (int lower = Machine.SmallestLargeOrder; lower < order; lower++)
            {
                if (search.Best.Machine.Thp[lower] == ThpMode.Never && Move(search, order, lower))
                    break;
            }
        }
        if (search.Best.Machine.Thp.Global != ThpMode.Madvise)
            Try(search, Operation.GlobalOrder, ThpMode.Madvise);
    }

    private static void FromTheStart(ShrinkSearch search)
    {
        for (int i = search.Operations.Count - 1; i >= 0; i--)
        {
            Operation operation = search.Operations[i];
            bool possible = operation.Order == Operation.GlobalOrder
                ? operation.Mode != ThpMode.Inherit
                : operation.Order >= Machine.SmallestLargeOrder && operation.Order <= search.Best.Machine.PmdOrder;
            if (operation.Kind != OperationKind.SetThp || !possible)
                continue;
            var rest = new List<Operation>(search.Operations);
            rest.RemoveAt(i);
            Machine machine = search.Best.Machine with { Thp = search.Best.Machine.Thp.With(operation.Order, operation.Mode) };
            search.Try(new Scenario(machine, rest));
        }
    }

    private static bool Try(ShrinkSearch search, int order, ThpMode mode) =>
        search.Try(search.Best.Machine with { Thp = search.Best.Machine.Thp.With(order, mode) });

    private static bool Move(ShrinkSearch search, int order, int lower)
    {
        ThpPolicy policy = search.Best.Machine.Thp;
        return search.Try(search.Best.Machine with { Thp = policy.With(order, ThpMode.Never).With(lower, policy[order]) });
    }
}
