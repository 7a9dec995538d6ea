using System.Numerics;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// Which folio orders policy, VMA and page table admit. A set of orders is a word in which bit o stands for order o
/// (SPECIFICATION.md 4.1).
/// </summary>
internal sealed class FolioOrder
{
    private readonly int _pmdOrder;
    private ThpMode _global;
    private uint _always;
    private uint _madvise;
    private uint _inherit;

    public FolioOrder(Machine machine)
    {
        _pmdOrder = machine.PmdOrder;
        _global = machine.Thp.Global;
        for (int order = Machine.SmallestLargeOrder; order <= _pmdOrder; order++)
            SetOrder(order, machine.Thp[order]);
    }

    /// <summary>Writes one of the "enabled" files (SPECIFICATION.md 17.1).</summary>
    public Outcome Set(int order, ThpMode mode)
    {
        bool isGlobal = order == Operation.GlobalOrder;
        if (!isGlobal && (order < Machine.SmallestLargeOrder || order > _pmdOrder))
            return Outcome.Error(Errno.ENOENT);
        if (!Enum.IsDefined(mode) || (isGlobal && mode == ThpMode.Inherit))
            return Outcome.Error(Errno.EINVAL);
        if (isGlobal)
            _global = mode;
        else
            SetOrder(order, mode);
        return Outcome.Ok;
    }

    /// <summary>Whether an order is one of a large folio.</summary>
    public bool IsLargeOrder(int order) => order >= Machine.SmallestLargeOrder && order <= _pmdOrder;

    /// <summary>Whether a fault may map the block around a page of a VMA by a PMD.</summary>
    public bool AllowsPmd(ThpDisable disable, Vma vma, long page)
    {
        if ((Allowed(disable, vma.Flags) & (1U << _pmdOrder)) == 0)
            return false;
        long pages = 1L << _pmdOrder;
        long block = page / pages * pages;
        return block >= vma.Start && block + pages <= vma.End;
    }

    /// <summary>Whether MADV_COLLAPSE may be given of a VMA: policy does not matter, but somewhere a block must fit (SPECIFICATION.md 17.23).</summary>
    public bool MayCollapse(ThpDisable disable, Vma vma) =>
        (vma.Flags & VmaFlags.NoHugePage) == 0 && disable != ThpDisable.All && HasLastBlock(vma, _pmdOrder);

    /// <summary>
    /// Orders to try at a write fault: those that policy allows, from the largest whose block lies in the VMA and is still
    /// empty (alloc_anon_folio). What fits and is empty for one order is so for all smaller ones.
    /// </summary>
    public uint Candidates(ThpDisable disable, Vma vma, LeafTable leaf, long page)
    {
        // userfaultfd_armed: what can be protected page by page is faulted in page by page.
        if ((vma.Flags & VmaFlags.UffdWp) != 0)
            return 0;
        uint orders = Allowed(disable, vma.Flags) & ~(1U << _pmdOrder);
        while (orders != 0)
        {
            int order = Largest(orders);
            if (BlockIsFree(vma, leaf, page, order))
                return orders;
            orders &= ~(1U << order);
        }
        return orders;
    }

    /// <summary>Largest order of a set that is not empty.</summary>
    public static int Largest(uint orders) => BitOperations.Log2(orders);

    /// <summary>
    /// THPeligible of smaps: some allowed order has the block of its last possible start in the VMA (SPECIFICATION.md 3.5).
    /// </summary>
    public bool IsEligible(ThpDisable disable, Vma vma)
    {
        uint orders = Allowed(disable, vma.Flags);
        while (orders != 0)
        {
            int order = Largest(orders);
            if (HasLastBlock(vma, order))
                return true;
            orders &= ~(1U << order);
        }
        return false;
    }

    /// <summary>Whether the block around the last place where one of an order could start lies in the VMA.</summary>
    private static bool HasLastBlock(Vma vma, int order)
    {
        long pages = 1L << order;
        return ((vma.End - pages) & -pages) >= vma.Start;
    }

    private static bool BlockIsFree(Vma vma, LeafTable leaf, long page, int order)
    {
        long pages = 1L << order;
        long start = page & -pages;
        if (start < vma.Start || start + pages > vma.End)
            return false;
        int first = (int)(start & (leaf.Frames.Length - 1));
        return !leaf.HoldsAny(first, first + (int)pages);
    }

    /// <summary>thp_vma_allowable_orders for anonymous memory, the PMD order included; none for the file.</summary>
    private uint Allowed(ThpDisable disable, VmaFlags flags)
    {
        if ((flags & (VmaFlags.NoHugePage | VmaFlags.Shared)) != 0)
            return 0;
        bool advised = (flags & VmaFlags.HugePage) != 0;
        if (disable == ThpDisable.All || (disable == ThpDisable.ExceptAdvised && !advised))
            return 0;
        uint orders = _always;
        if (advised)
            orders |= _madvise;
        if (_global == ThpMode.Always || (advised && _global == ThpMode.Madvise))
            orders |= _inherit;
        return orders;
    }

    private void SetOrder(int order, ThpMode mode)
    {
        uint bit = 1U << order;
        _always = mode == ThpMode.Always ? _always | bit : _always & ~bit;
        _madvise = mode == ThpMode.Madvise ? _madvise | bit : _madvise & ~bit;
        _inherit = mode == ThpMode.Inherit ? _inherit | bit : _inherit & ~bit;
    }
}
