using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>fork of what a PMD maps: copy_huge_pmd (SPECIFICATION.md 8.4, 17.22).</summary>
public sealed partial class OptimizedMemory<TSink>
{
    /// <summary>
    /// Bits that only the parent's mapping keeps: the child's is old, read-only, and not protected by userfaultfd.
    /// </summary>
    private const PteBits NotInheritedBits = PteBits.Young | PteBits.Writable | PteBits.UffdWp;

    /// <summary>
    /// Shares a PMD mapping with the child. Returns false when what it maps may be pinned: then the parent's mapping was split, and its entries are copied one
    /// by one.
    /// </summary>
    private bool TryCopyPmd(Process parent, Process child, Vma vma, long block, PmdMapping pmd)
    {
        if (pmd.IsZeroPage)
        {
            HoldHugeZeroPage(child);
        }
        else if (parent.HasPinned && IsRefused(pmd.Frame, 1))
        {
            SplitPmd(parent, vma, block);
            return false;
        }
        else
        {
            SharePmd(parent, child, block, pmd);
        }
        child.Table.SetPmd(block, new PmdMapping(pmd.Frame, pmd.Bits & ~NotInheritedBits));
        Emit(EventKind.PteWritten, child, block, pmd.Frame, _machine.EntriesPerTable);
        return true;
    }

    private void SharePmd(Process parent, Process child, long block, PmdMapping pmd)
    {
        TakeReferences(pmd.Frame, 1);
        _rmap.DupPmd(pmd.Frame, child);
        Emit(EventKind.MapcountUp, child, block, pmd.Frame, 1);
        if (pmd.IsWritable)
            Emit(EventKind.PteWriteProtected, parent, block, pmd.Frame, _machine.EntriesPerTable);
        pmd.Clear(PteBits.Writable);
    }
}
