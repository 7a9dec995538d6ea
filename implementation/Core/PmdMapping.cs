using FolioCheck.Vocabulary;

namespace FolioCheck.Implementation;

/// <summary>
/// A PMD that maps a whole block: one folio of the PMD order, or the huge zero page, with one set of bits (SPECIFICATION.md 17.22). The leaf table of the block
/// is deposited behind it, empty.
/// </summary>
internal sealed class PmdMapping(int frame, PteBits bits)
{
    /// <summary>The folio, or <see cref="LeafTable.NoFrame"/> for the huge zero page.</summary>
    public int Frame => frame;

    /// <summary>Bits that all pages of the block have; never <see cref="PteBits.Pmd"/>, which goes without saying.</summary>
    public PteBits Bits { get; private set; } = bits;

    public bool IsZeroPage => frame == LeafTable.NoFrame;

    public bool IsWritable => Has(PteBits.Writable);

    public bool Has(PteBits some) => (Bits & some) != 0;

    public void Set(PteBits some) => Bits |= some;

    public void Clear(PteBits some) => Bits &= ~some;

    /// <summary>Sets or clears bits.</summary>
    public void Change(PteBits some, bool set) => Bits = set ? Bits | some : Bits & ~some;
}
