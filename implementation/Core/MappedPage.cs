using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>What the page tables of a process say of one page, whether an entry or a PMD maps it: for those who walk page by page.</summary>
/// <param name="IsPresent">Whether anything is mapped there. Without that the rest means nothing.</param>
/// <param name="Frame">The frame, or <see cref="LeafTable.NoFrame"/> for the zero page and the huge zero page.</param>
/// <param name="ExclusiveFrame">The frame whose AnonExclusive speaks for the page: under a PMD that of the folio's first page.</param>
/// <param name="Bits">Writable, ProtNone, UffdWp and SoftDirty; other bits are not looked up.</param>
internal readonly record struct MappedPage(bool IsPresent, int Frame, int ExclusiveFrame, PteBits Bits)
{
    public bool IsZeroPage => IsPresent && Frame == LeafTable.NoFrame;

    /// <summary>Whether a page of a folio is mapped.</summary>
    public bool IsFolio => IsPresent && Frame != LeafTable.NoFrame;

    public bool IsWritable => IsPresent && (Bits & PteBits.Writable) != 0;

    public bool IsProtNone => (Bits & PteBits.ProtNone) != 0;
}
