using System.Runtime.InteropServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Long-term pins, and those for writing: a registered buffer of io_uring (SPECIFICATION.md 5.9, 17.14).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>The buffer that is being pinned: runs of consecutive pages of one folio, as (first frame, pages).</summary>
    private readonly List<(int Frame, int Count)> _pinned = [];

    private Outcome Pin(Process process, int id, long address, long length, bool write)
    {
        if (process.Handles.Find(id, isPin: true) is not null)
            return Outcome.NoProcess;
        if (length <= 0)
            return Outcome.Error(length < 0 ? Errno.EINVAL : Errno.EFAULT);
        process.HasPinned = true;
        _pinned.Clear();
        Outcome outcome = write ? PinForWriting(process, address, length) : PinForReading(process, address, length);
        bool complete = outcome.Kind == OutcomeKind.Ok;
        if (complete && write && MayCoalesce())
            Coalesce();
        var handle = new Handle(isPin: true);
        foreach ((int frame, int count) in _pinned)
            handle.Add(_folios.Head[frame], count);
        if (complete)
            process.Handles.Add(id, handle);
        else
            DropHold(handle);
        return outcome;
    }

    /// <summary>
    /// pin_user_pages_fast takes writable entries from the first page on as they are; from the first other page on each is
    /// faulted in and touched first (__get_user_pages). What is pinned already counts at the faults that follow: a folio with
    /// pins is not reused.
    /// </summary>
    private Outcome PinForWriting(Process process, long address, long length)
    {
        long done = 0;
        while (done < length && IsWritable(process, address + done))
        {
            PinPage(process, address + done);
            done++;
        }
        for (; done < length; done++)
        {
            long page = address + done;
            Vma? vma = process.Vmas.Find(page);
            if (vma is null || !vma.MayWrite)
                return Outcome.Error(Errno.EFAULT);
            FaultResult result = PopulateWrite(process, vma, page);
            if (result != FaultResult.Done)
                return PopulateFailure(result, Errno.EFAULT, (int)done);
            PinPage(process, page);
        }
        return Outcome.Ok;
    }

    private static bool IsWritable(Process process, long page) => process.Table.Look(page).IsWritable;

    private void PinPage(Process process, long page)
    {
        int frame = process.Table.Look(page).Frame;
        int folio = _folios.Head[frame];
        TakePins(folio, 1);
        (int first, int count) = _pinned.Count > 0 ? _pinned[^1] : default;
        if (count > 0 && frame == first + count && folio == _folios.Head[first])
            _pinned[^1] = (first, count + 1);
        else
            _pinned.Add((frame, 1));
    }

    /// <summary>
    /// io_check_coalesce_buffer: large folios of one size, each pinned as a whole and in order, but for the start of the first
    /// and the end of the last one.
    /// </summary>
    private bool MayCoalesce()
    {
        int order = _folios.Order[_folios.Head[_pinned[0].Frame]];
        for (int at = 0; at < _pinned.Count; at++)
        {
            (int frame, int count) = _pinned[at];
            int folio = _folios.Head[frame];
            int end = folio + (1 << order);
            bool startsRight = at == 0 || frame == folio;
            bool endsRight = at == _pinned.Count - 1 || frame + count == end;
            if (_folios.Order[folio] != order || !startsRight || !endsRight)
                return false;
        }
        return order > 0;
    }

    /// <summary>One pin is enough to keep a folio: unpin_user_folio gives the others of its run back.</summary>
    private void Coalesce()
    {
        foreach (ref (int Frame, int Count) run in CollectionsMarshal.AsSpan(_pinned))
        {
            if (run.Count > 1)
                DropPins(_folios.Head[run.Frame], run.Count - 1);
            run.Count = 1;
        }
    }

    /// <summary>try_grab_folio with FOLL_PIN.</summary>
    private void TakePins(int folio, int count)
    {
        if (_folios.Order[folio] > 0)
            _folios.Pins[folio] += count;
        TakeReferences(folio, ReferencesOf(folio, count));
    }

    /// <summary>gup_put_folio with FOLL_PIN.</summary>
    private void DropPins(int folio, int count)
    {
        if (_folios.Order[folio] > 0)
            _folios.Pins[folio] -= count;
        DropReferences(folio, ReferencesOf(folio, count));
    }

    private int ReferencesOf(int folio, int pins) => _folios.Order[folio] > 0 ? pins : pins * FolioTable.ReferencesPerPin;
}
