using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Birth and death of folios, and allocations that fail on demand.</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>Bit o: the next allocation of order o fails.</summary>
    private uint _pendingFailures;

    private Outcome MarkAllocation(int order)
    {
        if (order != 0 && !_orders.IsLargeOrder(order))
            return Outcome.Error(Errno.EINVAL);
        _pendingFailures |= 1U << order;
        return Outcome.Ok;
    }

    /// <summary>Whether an allocation was marked to fail; asking takes the mark away.</summary>
    private bool TakePendingFailure(int order)
    {
        uint mark = 1U << order;
        bool pending = (_pendingFailures & mark) != 0;
        _pendingFailures &= ~mark;
        return pending;
    }

    /// <summary>A new folio with one reference, or -1.</summary>
    private int Allocate(int order)
    {
        if (TakePendingFailure(order))
            return -1;
        int folio = _folios.Create(order);
        if (folio >= 0)
            EmitFolio(EventKind.FolioAllocated, folio, 1 << order);
        return folio;
    }

    /// <summary>folio_ref_add.</summary>
    private void TakeReferences(int folio, int count)
    {
        _folios.References[folio] += count;
        EmitFolio(EventKind.ReferenceUp, folio, count);
    }

    /// <summary>folio_put_refs: the folio dies with its last reference.</summary>
    private void DropReferences(int folio, int count)
    {
        _folios.References[folio] -= count;
        EmitFolio(EventKind.ReferenceDown, folio, count);
        if (_folios.References[folio] == 0)
            Free(folio);
    }

    /// <summary>The only reference of a folio that was never mapped is dropped.</summary>
    private void Discard(int folio)
    {
        EmitFolio(EventKind.ReferenceDown, folio, 1);
        _folios.Discard(folio);
        EmitFolio(EventKind.FolioFreed, folio, 1 << _folios.Order[folio]);
    }

    private void Free(int folio)
    {
        int pages = 1 << _folios.Order[folio];
        _folios.Destroy(folio);
        EmitFolio(EventKind.FolioFreed, folio, pages);
    }
}
