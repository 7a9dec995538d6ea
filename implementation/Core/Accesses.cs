using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Loads and stores: what the hardware does with present entries (SPECIFICATION.md 17.3), and the way into faults.</summary>
public sealed partial class OptimizedMemory<TSink>
{
    private Outcome Read(Process process, long page)
    {
        Vma? vma = process.Vmas.Find(page);
        if (vma is null || !vma.MayRead)
            return Outcome.SegmentationFault;
        LeafTable leaf = process.Table.FindOrCreate(page);
        int index = process.Table.EntryOf(page);
        if (!leaf.Present[index])
            return ReadFault(process, vma, leaf, index, page) ? Outcome.Token(0) : Outcome.SegmentationFault;
        leaf.Young.Set(index);
        return Outcome.Token(leaf.Special[index] ? 0 : _folios.Token[leaf.Frames[index]]);
    }

    /// <summary>Stores token, token + 1, ... until the range ends or a page cannot be written.</summary>
    private Outcome WriteRange(Process process, long address, long length, int token)
    {
        long done = 0;
        while (done < length)
        {
            long page = address + done;
            Vma? vma = process.Vmas.Find(page);
            if (vma is null || !vma.MayWrite)
                return Outcome.SegmentationFault;
            long end = Math.Min(length - done, vma.End - page) + page;
            while (page < end)
            {
                int stored = StoreRun(process, page, end, token);
                if (stored == 0 && WriteFault(process, vma, page) is not FaultResult.Done and var failure)
                    return StoreFailure(failure, (int)(page - address));
                page += stored;
                token = unchecked(token + stored);
            }
            done = page - address;
        }
        return Outcome.Ok;
    }

    /// <summary>What a program gets for a store that its rights allow and that fails all the same.</summary>
    private static Outcome StoreFailure(FaultResult failure, int pagesDone) => failure switch
    {
        FaultResult.Guarded => Outcome.SegmentationFault,
        FaultResult.WriteProtected => Outcome.BusError(pagesDone),
        _ => Outcome.OutOfMemory(pagesDone),
    };

    /// <summary>Stores through the writable entries at the start of a range, within one leaf table; returns how many there were.</summary>
    private int StoreRun(Process process, long page, long end, int token)
    {
        LeafTable? leaf = process.Table.Find(page);
        if (leaf is null)
            return 0;
        int first = process.Table.EntryOf(page);
        int limit = (int)Math.Min(leaf.Frames.Length, first + (end - page));
        int stop = leaf.Writable.NextClear(first, limit);
        leaf.Young.SetRange(first, stop);
        leaf.Dirty.SetRange(first, stop);
        int[] tokens = _folios.Token;
        foreach (int frame in leaf.Frames.AsSpan(first, stop - first))
        {
            tokens[frame] = token;
            token = unchecked(token + 1);
        }
        return stop - first;
    }
}
