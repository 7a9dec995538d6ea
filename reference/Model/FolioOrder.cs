using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>THP policy and the order of a fault (thp_vma_allowable_orders, alloc_anon_folio; SPECIFICATION.md 4.1).</summary>
public sealed partial class ReferenceMemory
{
    private ThpPolicy _thp;

    private Outcome SetThp(int order, ThpMode mode)
    {
        if (order == Operation.GlobalOrder)
        {
            if (mode == ThpMode.Inherit)
                return Outcome.Error(Errno.EINVAL);
        }
        else if (order < Machine.SmallestLargeOrder || order > _machine.PmdOrder)
        {
            return Outcome.Error(Errno.ENOENT);
        }
        _thp = _thp.With(order, mode);
        return Outcome.Ok;
    }

    private static Outcome SetThpDisable(Process process, ThpDisable disable)
    {
        process.ThpDisable = disable;
        return Outcome.Ok;
    }

    /// <summary>Whether policy and the process let this VMA use an order.</summary>
    private bool IsAllowed(Process process, Vma vma, int order)
    {
        bool advised = (vma.Flags & VmaFlags.HugePage) != 0;
        bool disabled = process.ThpDisable == ThpDisable.All || process.ThpDisable == ThpDisable.ExceptAdvised && !advised;
        if (disabled || (vma.Flags & VmaFlags.NoHugePage) != 0)
            return false;
        ThpMode mode = _thp[order] == ThpMode.Inherit ? _thp.Global : _thp[order];
        return mode == ThpMode.Always || mode == ThpMode.Madvise && advised;
    }

    /// <summary>First page of the naturally aligned block of an order around a page.</summary>
    private static long BlockStart(long page, int order) => page - (page % (1L << order));

    /// <summary>
    /// Orders that a write fault may use, largest first: allowed by policy, the block inside the VMA, every entry of the block none. With userfaultfd
    /// every page is faulted in by itself.
    /// Largest first and not only the largest: the next lower one of these is tried when an allocation fails.
    /// </summary>
    private List<int> FaultOrders(Process process, Vma vma, long page)
    {
        var orders = new List<int>();
        if (vma.IsUffdWp)
            return orders;
        for (int order = _machine.LargestPteOrder; order >= Machine.SmallestLargeOrder; order--)
        {
            long start = BlockStart(page, order);
            long end = start + (1L << order);
            if (IsAllowed(process, vma, order) && vma.Covers(start, end) && process.IsNone(start, end))
                orders.Add(order);
        }
        return orders;
    }

    /// <summary>smaps THPeligible: some order's block around its last possible start lies inside the VMA (SPECIFICATION.md 3.5).</summary>
    private bool IsThpEligible(Process process, Vma vma)
    {
        for (int order = Machine.SmallestLargeOrder; order <= _machine.PmdOrder; order++)
        {
            if (!vma.IsShared && IsAllowed(process, vma, order) && HasRoomFor(vma, order))
                return true;
        }
        return false;
    }

    /// <summary>Whether the last block of an order that could begin in a VMA lies inside it.</summary>
    private static bool HasRoomFor(Vma vma, int order)
    {
        long size = 1L << order;
        long start = BlockStart(Math.Max(0, vma.End - size), order);
        return vma.Covers(start, start + size);
    }
}
