using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>Bits of an entry whose change ends a batch: FPB_RESPECT_DIRTY, FPB_RESPECT_WRITE and FPB_RESPECT_SOFT_DIRTY.</summary>
[Flags]
internal enum BatchCuts
{
    None = 0,
    Dirty = 1,
    Write = 2,
    SoftDirty = 4,
}

/// <summary>
/// How many entries one step of a walk takes: folio_pte_batch (SPECIFICATION.md 5.7.1, 17.6). A batch maps consecutive pages of
/// one large folio; it ends with the folio, at the first entry that is not present or maps another frame, where the caller says
/// (VMA, walked range, leaf table), where the protection of userfaultfd, a NUMA hint or the contiguous bit changes, and where a bit changes that the
/// caller respects: dirty in a fork, writable in mprotect. Young never cuts.
/// </summary>
internal sealed class PteBatch(FolioTable folios, BatchPolicy policy)
{
    /// <summary>Entries that one step may take under the machine's batch policy.</summary>
    public int Length(LeafTable leaf, int index, int limit, BatchCuts cuts) =>
        policy == BatchPolicy.Singles ? 1 : KernelLength(leaf, index, limit, cuts);

    /// <summary>Entries that the kernel's step would take, whatever the policy.</summary>
    public int KernelLength(LeafTable leaf, int index, int limit, BatchCuts cuts)
    {
        int frame = leaf.Frames[index];
        int folio = folios.Head[frame];
        if (folios.Order[folio] == 0)
            return 1;
        int folioEnd = folio + (1 << folios.Order[folio]);
        int end = Math.Min(limit, index + (folioEnd - frame));
        end = leaf.Present.NextClear(index, end);
        if (leaf.HasContiguous)
            end = leaf.Contiguous.EndOfRun(index, end);
        if ((cuts & BatchCuts.Dirty) != 0)
            end = leaf.EndOfDirtyRun(index, end);
        if ((cuts & BatchCuts.Write) != 0)
            end = leaf.Writable.EndOfRun(index, end);
        if (leaf.HasRareBits)
            end = EndOfRareRun(leaf, index, end, cuts);
        return LeafTable.ConsecutiveFrames(leaf.Frames.AsSpan(index, end - index));
    }

    private static int EndOfRareRun(LeafTable leaf, int index, int end, BatchCuts cuts)
    {
        end = leaf.UffdWp.EndOfRun(index, end);
        end = leaf.ProtNone.EndOfRun(index, end);
        return (cuts & BatchCuts.SoftDirty) == 0 ? end : leaf.SoftDirty.EndOfRun(index, end);
    }
}
