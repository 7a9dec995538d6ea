using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Frames: the lowest free naturally aligned block, or nothing (SPECIFICATION.md 17.2).</summary>
public sealed partial class ReferenceMemory
{
    private readonly bool[] _frameInUse;
    private readonly SortedSet<int> _failNext = [];

    private Outcome FailAllocation(int order)
    {
        if (order != 0 && (order < Machine.SmallestLargeOrder || order > _machine.PmdOrder))
            return Outcome.Error(Errno.EINVAL);
        _failNext.Add(order);
        return Outcome.Ok;
    }

    /// <summary>A fresh folio whose pages hold 0, or null.</summary>
    private Folio? Allocate(int order)
    {
        if (_failNext.Remove(order))
            return null;
        int pages = 1 << order;
        for (int frame = 0; frame + pages <= _machine.Frames; frame += pages)
        {
            if (_frameInUse.AsSpan(frame, pages).Contains(true))
                continue;
            _frameInUse.AsSpan(frame, pages).Fill(true);
            var folio = new Folio(order, frame);
            _folios.Add(folio);
            EmitFolio(EventKind.FolioAllocated, frame, pages);
            return folio;
        }
        return null;
    }

    private void FreeFrames(int frame, int count) => _frameInUse.AsSpan(frame, count).Clear();
}
