namespace FolioCheck.Vocabulary;

/// <summary>The kinds of micro-step. Counts are pages or entries.</summary>
public enum EventKind
{
    /// <summary>A folio is born with one reference; count = its pages.</summary>
    FolioAllocated,

    /// <summary>The last reference is gone and the frames are free again; count = its pages.</summary>
    FolioFreed,

    /// <summary>References taken.</summary>
    ReferenceUp,

    /// <summary>References dropped.</summary>
    ReferenceDown,

    /// <summary>Mappings added, by folio_add_new_anon_rmap or folio_dup_anon_rmap_ptes.</summary>
    MapcountUp,

    /// <summary>Mappings removed, by folio_remove_rmap_ptes.</summary>
    MapcountDown,

    /// <summary>Entries written: present, consecutive frames.</summary>
    PteWritten,

    /// <summary>Present entries cleared.</summary>
    PteCleared,

    /// <summary>The write bit taken from present entries.</summary>
    PteWriteProtected,

    /// <summary>Young and dirty taken from present entries.</summary>
    PteCleaned,

    /// <summary>Translations of a process invalidated; page and count give the range, count 0 is the whole address space.</summary>
    Flushed,

    /// <summary>A folio becomes folios of order 0 on the same frames; count = its pages. References and mappings are gone before.</summary>
    FolioSplit,

    /// <summary>A fault that the kernel was asked to handle, by an access or by a walk that faults pages in.</summary>
    Faulted,

    /// <summary>Descriptors read one by one.</summary>
    PteRead,

    /// <summary>Descriptors stored one by one.</summary>
    PteStored,

    /// <summary>Descriptors exchanged or changed one by one, atomically.</summary>
    PteExchanged,

    /// <summary>A block got the contiguous bit when its last entry was set (contpte_convert); count = its entries.</summary>
    Folded,

    /// <summary>A block was set with the contiguous bit from the start (contpte_set_ptes); count = its entries.</summary>
    SetFolded,

    /// <summary>A block lost the contiguous bit (contpte_convert); count = its entries.</summary>
    Unfolded,

    /// <summary>A block was cleared with its contiguous bit; count = its entries.</summary>
    ClearedFolded,
}

/// <summary>One ordered micro-step of an operation.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Process">The process whose table or mapping it concerns; -1 for steps of a folio alone.</param>
/// <param name="Page">First virtual page; -1 for steps of a folio alone.</param>
/// <param name="Frame">
/// First frame: of the batch for entries and mappings, of the folio for references and the folio's own steps; -1 is the zero page or no frame.
/// </param>
/// <param name="Count">How many, see <see cref="EventKind"/>.</param>
public readonly record struct MemoryEvent(EventKind Kind, int Process, long Page, int Frame, int Count)
{
    /// <summary>A step of a folio alone.</summary>
    public static MemoryEvent OfFolio(EventKind kind, int frame, int count) => new(kind, -1, -1, frame, count);
}

/// <summary>Takes micro-steps. Implementations are structs, so that the empty one costs nothing.</summary>
public interface IEventSink
{
    /// <summary>Takes one step.</summary>
    void Emit(in MemoryEvent memoryEvent);
}

/// <summary>The sink that ignores everything.</summary>
public readonly struct NoEvents : IEventSink
{
    /// <inheritdoc/>
    public void Emit(in MemoryEvent memoryEvent)
    {
    }
}

/// <summary>The sink that appends to a list.</summary>
/// <param name="list">Where steps go.</param>
public readonly struct EventList(IList<MemoryEvent> list) : IEventSink
{
    /// <inheritdoc/>
    public void Emit(in MemoryEvent memoryEvent) => list.Add(memoryEvent);
}
