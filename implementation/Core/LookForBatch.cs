using System.Runtime.CompilerServices;
using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>How walks find their batches, and the descriptors that they read to do so (SPECIFICATION.md 17.28).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>The batch that begins at a present entry; of the zero page one entry. Returns its length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int LookForBatch(Process process, in PageTable.LeafRange range, int index, BatchCuts cuts)
    {
        int count = range.Leaf.Special[index] ? 1 : _batches.Length(range.Leaf, index, range.End, cuts);
        if (HasEvents)
            EmitReads(process, range, index, count, looksAhead: _machine.Batches == BatchPolicy.Kernel);
        return count;
    }

    /// <summary>The batch that the kernel would find, whatever the policy: for those who ask whether it is a whole folio.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int LookForKernelBatch(Process process, in PageTable.LeafRange range, int index)
    {
        int count = range.Leaf.Special[index] ? 1 : _batches.KernelLength(range.Leaf, index, range.End, BatchCuts.None);
        if (HasEvents)
            EmitReads(process, range, index, count, looksAhead: true);
        return count;
    }

    /// <summary>ptep_get of a present entry, outside a batch.</summary>
    private void EmitRead(Process process, LeafTable leaf, long page)
    {
        if (HasEvents)
            EmitRaw(EventKind.PteRead, process, page, ReadsAt(leaf, process.Table.EntryOf(page)));
    }

    /// <summary>The reads of folio_pte_batch, as one event: block by block where entries are contiguous, up to the entry that ends the batch.</summary>
    private void EmitReads(Process process, in PageTable.LeafRange range, int index, int count, bool looksAhead)
    {
        LeafTable leaf = range.Leaf;
        int end = index + count;
        int limit = looksAhead ? EndOfFolio(range, index) : index + 1;
        int reads = ReadsAt(leaf, index);
        int next = NextRead(leaf, index);
        while (next < limit)
        {
            reads += ReadsAt(leaf, next);
            if (next >= end)
                break;
            next = NextRead(leaf, next);
        }
        EmitRaw(EventKind.PteRead, process, range.FirstPage + index, reads);
    }

    /// <summary>Where entries of the folio of an entry end at the latest, within a range.</summary>
    private int EndOfFolio(in PageTable.LeafRange range, int index)
    {
        if (range.Leaf.Special[index])
            return index + 1;
        int frame = range.Leaf.Frames[index];
        int folio = _folios.Head[frame];
        return Math.Min(range.End, index + folio + (1 << _folios.Order[folio]) - frame);
    }

    /// <summary>Descriptors that reading one entry reads: its own, and for a contiguous one those of its block as well.</summary>
    private static int ReadsAt(LeafTable leaf, int index) => leaf.IsContiguous(index) ? 1 + leaf.GatheringReads(index) : 1;

    /// <summary>pte_batch_hint: what is folded needs one look.</summary>
    private int NextRead(LeafTable leaf, int index) =>
        leaf.IsContiguous(index) ? leaf.BlockOf(index) + _machine.ContPteEntries : index + 1;
}
