using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>A folio of an <see cref="Observation"/>, with its pages.</summary>
internal sealed class ObservedFolio
{
    private const int PageRecords = 3;

    private readonly long[] _fields;
    private readonly long[][] _pages = new long[PageRecords][];

    public ObservedFolio(ReadOnlySpan<long> fields) => _fields = fields.ToArray();

    public int Id => (int)_fields[0];

    public int Order => (int)_fields[1];

    public long Frame => _fields[2];

    public long References => _fields[3];

    public long Mapcount => _fields[4];

    public long EntireMapcount => _fields[5];

    public long NrPagesMapped => _fields[6];

    public IEnumerable<(long Process, long Count)> TrackedMms => [(_fields[7], _fields[8]), (_fields[9], _fields[10])];

    public bool MaybeMappedShared => _fields[11] != 0;

    public long Pins => _fields[12];

    public bool PartiallyMapped => _fields[13] != 0;

    public bool Queued => _fields[14] != 0;

    public bool SwapBacked => _fields[15] != 0;

    public bool Dirty => _fields[16] != 0;

    public bool Mlocked => _fields[17] != 0;

    public long[] Mapcounts => _pages[0];

    public long[] Exclusive => _pages[1];

    public long[] Contents => _pages[2];

    /// <summary>Takes one of the three records of a value a page that follow the folio's.</summary>
    public void AddPages(RecordKind kind, ReadOnlySpan<long> values) => _pages[kind - RecordKind.Mapcounts] = values.ToArray();
}
