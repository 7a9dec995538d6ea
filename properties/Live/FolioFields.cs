using System.Buffers.Binary;
using FolioCheck.Kernel;

namespace FolioCheck.Live;

/// <summary>Fields of a folio, out of its struct pages.</summary>
internal sealed class FolioFields(KernelView kernel)
{
    private readonly KernelLayout _layout = kernel.Layout;

    /// <summary>_refcount.</summary>
    public int References(LiveFolio folio) => Number(folio, _layout.References);

    /// <summary>PageAnonExclusive: a bit of each page's flags.</summary>
    public bool IsExclusive(LiveFolio folio, int index) =>
        PageBits.Has(folio.Flags, PageBits.Anonymous) && PageBits.Has(Word(folio, (index * _layout.PageSize) + _layout.PageFlags), _layout.ExclusiveBit);

    /// <summary>What only a large folio has.</summary>
    public LargeFolioFields Large(LiveFolio folio, Func<uint, string> nameOfMm)
    {
        const int SharedBit = 63;
        ulong ids = Word(folio, _layout.MmIds);
        return new LargeFolioFields
        {
            // The kernel counts these from -1.
            Mapcount = Number(folio, _layout.LargeMapcount) + 1,
            EntireMapcount = Number(folio, _layout.EntireMapcount) + 1,
            NrPagesMapped = Number(folio, _layout.NrPagesMapped),
            Tracked = Tracked(folio, ids, nameOfMm),
            MaybeMappedShared = PageBits.Has(ids, SharedBit),
            Pins = Number(folio, _layout.Pins),
            PartiallyMapped = PageBits.Has(Word(folio, _layout.PageSize + _layout.PageFlags), _layout.PartiallyMappedBit),
            Queued = folio.Order == 1 ? null : IsQueued(folio),
        };
    }

    private List<TrackedMm> Tracked(LiveFolio folio, ulong ids, Func<uint, string> nameOfMm)
    {
        const uint IdMask = int.MaxValue;
        (uint Id, long Count)[] slots =
        [
            ((uint)(ids & IdMask), Number(folio, _layout.MmMapcounts) + 1L),
            ((uint)(ids >> 32 & IdMask), Number(folio, _layout.MmMapcounts + sizeof(int)) + 1L),
        ];
        return
        [
            .. slots.Where(slot => slot.Count != 0)
                .Select(slot => new TrackedMm(nameOfMm(slot.Id), slot.Count))
                .OrderBy(tracked => tracked.Process, StringComparer.Ordinal)
                .ThenBy(tracked => tracked.Count),
        ];
    }

    private bool IsQueued(LiveFolio folio)
    {
        ulong next = Word(folio, _layout.DeferredList);
        return next != 0 && next != kernel.Page(folio.Head) + (ulong)_layout.DeferredList;
    }

    private static int Number(LiveFolio folio, int offset) => BinaryPrimitives.ReadInt32LittleEndian(folio.Structs.AsSpan(offset));

    private static ulong Word(LiveFolio folio, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(folio.Structs.AsSpan(offset));
}
