namespace FolioCheck.Kernel;

/// <summary>What a transcript shows after an operation. A system under test is put into the same shape, and the two are compared.</summary>
/// <param name="Processes">The living processes, by slot.</param>
/// <param name="Folios">The mapped folios, in the order of their first appearance in the page tables.</param>
public sealed record RecordedState(IReadOnlyList<RecordedProcess> Processes, IReadOnlyList<RecordedFolio> Folios);

/// <summary>A process.</summary>
/// <param name="Slot">Its number.</param>
/// <param name="Vmas">Its VMAs, by address.</param>
public sealed record RecordedProcess(int Slot, IReadOnlyList<RecordedVma> Vmas);

/// <summary>A VMA.</summary>
public sealed record RecordedVma
{
    /// <summary>First page.</summary>
    public required long Start { get; init; }

    /// <summary>Pages.</summary>
    public required long Length { get; init; }

    /// <summary>Access rights as in /proc/PID/maps: <c>rw-p</c>.</summary>
    public required string Permissions { get; init; }

    /// <summary>The recorded VmFlags, with blanks between.</summary>
    public required string Flags { get; init; }

    /// <summary>The fields of /proc/PID/smaps that are not zero, in kB (THPeligible: 1).</summary>
    public required IReadOnlyDictionary<string, long> Smaps { get; init; }

    /// <summary>The page-table entries that are not empty.</summary>
    public required IReadOnlyList<RecordedRun> Runs { get; init; }
}

/// <summary>Consecutive page-table entries of one kind with equal flags.</summary>
/// <param name="Page">First page, from the start of the VMA.</param>
/// <param name="Count">Entries.</param>
/// <param name="Kind">One of <see cref="TranscriptFormat.RunKinds"/>.</param>
/// <param name="Folio">Local folio id; -1 for the zero page; 0 for what is no page.</param>
/// <param name="Index">
/// Page of the folio, or the canonical swap slot, of the first entry; it grows along the run where the kind is M or S.
/// </param>
/// <param name="Flags">Letters of <see cref="TranscriptFormat.RunFlags"/>, in that order.</param>
public readonly record struct RecordedRun(long Page, long Count, char Kind, int Folio, long Index, string Flags)
{
    /// <summary>Stands for the zero page where a folio id is expected.</summary>
    public const int ZeroPage = -1;
}

/// <summary>A mapped folio.</summary>
public sealed record RecordedFolio
{
    /// <summary>Local id.</summary>
    public required int Id { get; init; }

    /// <summary>log2 of its pages.</summary>
    public required int Order { get; init; }

    /// <summary>anon, shmem or file.</summary>
    public required string Type { get; init; }

    /// <summary>Whether its first frame is a multiple of its pages.</summary>
    public required bool Aligned { get; init; }

    /// <summary>Mapcount of its pages, as [mapcount, pages] runs.</summary>
    public required IReadOnlyList<CountRun> Mapcounts { get; init; }

    /// <summary>Flags of its head in /proc/kpageflags.</summary>
    public required IReadOnlyList<string> KernelFlags { get; init; }

    /// <summary>_refcount.</summary>
    public required long References { get; init; }

    /// <summary>First word of each page, as [value, pages, step] runs.</summary>
    public required IReadOnlyList<TokenRun> Tokens { get; init; }

    /// <summary>What only a large folio has; null for a page.</summary>
    public LargeFolioFields? Large { get; init; }
}

/// <summary>Pages in a row with one mapcount.</summary>
public readonly record struct CountRun(long Count, int Pages);

/// <summary>Pages in a row whose first words are value, value + step, value + 2 step, ...</summary>
public readonly record struct TokenRun(long Value, int Pages, int Step);

/// <summary>An MM-ID slot in use: a process (<c>dead</c> where it is none of ours) and its tracked mappings.</summary>
public readonly record struct TrackedMm(string Process, long Count);

/// <summary>What only a large folio has.</summary>
public sealed record LargeFolioFields
{
    /// <summary>_large_mapcount, from 0.</summary>
    public required long Mapcount { get; init; }

    /// <summary>_entire_mapcount, from 0.</summary>
    public required long EntireMapcount { get; init; }

    /// <summary>_nr_pages_mapped.</summary>
    public required long NrPagesMapped { get; init; }

    /// <summary>The MM-ID slots in use, ordered by process as text, then count.</summary>
    public required IReadOnlyList<TrackedMm> Tracked { get; init; }

    /// <summary>FOLIO_MM_IDS_SHARED.</summary>
    public required bool MaybeMappedShared { get; init; }

    /// <summary>_pincount.</summary>
    public required long Pins { get; init; }

    /// <summary>PG_partially_mapped.</summary>
    public required bool PartiallyMapped { get; init; }

    /// <summary>On the deferred-split queue; null for order 1, which has no room for the list.</summary>
    public bool? Queued { get; init; }
}
