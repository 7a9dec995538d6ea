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
        if (vma.IsShared && !process.Table.Look(page).IsPresent && FileFault(process, vma, page, write: false) is not FaultResult.Done and var failure)
            return AccessFailure(failure, 0);
        EmitFaultIfAbsent(process, page);
        if (PmdOrFault(process, vma, page, write: false) is { } pmd)
        {
            if (pmd.Has(PteBits.ProtNone))
                EmitFault(process, page);
            RestoreHinted(process, vma, page);
            pmd.Set(PteBits.Young);
            return Outcome.Token(TokenOf(process.Table.Look(page)));
        }
        LeafTable leaf = process.Table.FindOrCreate(page);
        int index = process.Table.EntryOf(page);
        if (!leaf.Present[index])
            return ReadFault(process, vma, leaf, index, page) ? Outcome.Token(0) : Outcome.SegmentationFault;
        if (leaf.IsHinted(index))
        {
            EmitFault(process, page);
            RestoreHinted(process, vma, page);
            return Read(process, page);
        }
        if (_machine.AccessFlags == AccessFlags.Hardware)
            leaf.Young.Set(index);
        else if (!leaf.Young[index])
            AccessFault(process, leaf, page, PteBits.Young, write: false);
        return Outcome.Token(leaf.Special[index] ? 0 : _folios.Token[leaf.Frames[index]]);
    }

    /// <summary>A fault because the hardware does not set young and dirty, and the descriptor itself lacks one of them.</summary>
    private void AccessFault(Process process, LeafTable leaf, long page, PteBits bits, bool write)
    {
        EmitFault(process, page);
        PtepSetAccessFlags(process, leaf, page, bits, dirty: write);
    }

    /// <summary>What a program reads in a page that is mapped.</summary>
    private int TokenOf(in MappedPage mapped) => mapped.IsZeroPage ? 0 : _folios.Token[mapped.Frame];

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
                    return AccessFailure(failure, (int)(page - address));
                page += stored;
                token = unchecked(token + stored);
            }
            done = page - address;
        }
        return Outcome.Ok;
    }

    /// <summary>What a program gets for an access that its rights allow and that fails all the same.</summary>
    private static Outcome AccessFailure(FaultResult failure, int pagesDone) => failure switch
    {
        FaultResult.Guarded => Outcome.SegmentationFault,
        FaultResult.WriteProtected or FaultResult.BeyondEnd => Outcome.BusError(pagesDone),
        _ => Outcome.OutOfMemory(pagesDone),
    };

    /// <summary>Stores through what is writable at the start of a range, within one block; returns how many pages that were.</summary>
    private int StoreRun(Process process, long page, long end, int token)
    {
        LeafTable? leaf = process.Table.Find(page);
        if (leaf is null)
            return 0;
        int first = process.Table.EntryOf(page);
        if (process.Table.PmdAt(page) is { } pmd)
            return StoreThroughPmd(pmd, first, (int)Math.Min(leaf.Frames.Length, first + (end - page)), token);
        int limit = (int)Math.Min(leaf.Frames.Length, first + (end - page));
        int stop = leaf.Writable.NextClear(first, limit);
        if (_machine.AccessFlags == AccessFlags.Software && first < stop)
            stop = FaultForStore(process, leaf, page, first, stop);
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

    /// <summary>The first of some writable entries can be stored through after this; returns where the next one is that would fault.</summary>
    private int FaultForStore(Process process, LeafTable leaf, long page, int first, int stop)
    {
        if (!leaf.Young[first] || !leaf.Dirty[first])
            AccessFault(process, leaf, page, PteBits.Young | PteBits.Dirty, write: true);
        return leaf.Dirty.NextClear(first, leaf.Young.NextClear(first, stop));
    }

    private int StoreThroughPmd(PmdMapping pmd, int first, int stop, int token)
    {
        if (!pmd.IsWritable)
            return 0;
        pmd.Set(PteBits.Young | PteBits.Dirty);
        foreach (ref int stored in _folios.Token.AsSpan(pmd.Frame + first, stop - first))
        {
            stored = token;
            token = unchecked(token + 1);
        }
        return stop - first;
    }
}
