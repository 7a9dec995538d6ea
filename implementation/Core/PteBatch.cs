using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// How many entries one step of a walk takes: folio_pte_batch (SPECIFICATION.md 5.7.1, 17.6). A batch maps consecutive pages of
/// one large folio; it ends with the folio, at the first entry that is not present or maps another frame, where the caller says
/// (VMA, walked range, leaf table), and in a fork where the dirty bit changes. Young and writable never cut.
/// </summary>
internal sealed class PteBatch(FolioTable folios, BatchPolicy policy)
{
    /// <summary>Entries that one step may take under the machine's batch policy.</summary>
    public int Length(LeafTable leaf, int index, int limit, bool respectDirty) =>
        policy == BatchPolicy.Singles ? 1 : KernelLength(leaf, index, limit, respectDirty);

    /// <summary>Entries that the kernel's step would take, whatever the policy.</summary>
    public int KernelLength(LeafTable leaf, int index, int limit, bool respectDirty)
    {
        int frame = leaf.Frames[index];
        int folio = folios.Head[frame];
        if (folios.Order[folio] == 0)
            return 1;
        int folioEnd = folio + (1 << folios.Order[folio]);
        int end = Math.Min(limit, index + (folioEnd - frame));
        end = leaf.Present.NextClear(index, end);
        if (respectDirty)
            end = leaf.Dirty.EndOfRun(index, end);
        return LeafTable.ConsecutiveFrames(leaf.Frames.AsSpan(index, end - index));
    }
}
