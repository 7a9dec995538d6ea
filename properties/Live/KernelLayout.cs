namespace FolioCheck.Live;

/// <summary>Where the kernel keeps what is looked at, from its own description.</summary>
internal sealed class KernelLayout(KernelTypes types)
{
    public int PageSize { get; } = types.Size("page");

    public int PageFlags { get; } = types.Offset("page", "flags");

    public int PageIndex { get; } = types.Offset("page", "__folio_index");

    public int CompoundHead { get; } = types.Offset("page", "compound_head");

    public int References { get; } = types.Offset("folio", "_refcount");

    /// <summary>Its low byte is the order of a large folio.</summary>
    public int SecondFlags { get; } = types.Offset("folio", "_flags_1");

    public int LargeMapcount { get; } = types.Offset("folio", "_large_mapcount");

    public int EntireMapcount { get; } = types.Offset("folio", "_entire_mapcount");

    public int NrPagesMapped { get; } = types.Offset("folio", "_nr_pages_mapped");

    public int Pins { get; } = types.Offset("folio", "_pincount");

    public int MmIds { get; } = types.Offset("folio", "_mm_ids");

    public int MmMapcounts { get; } = types.Offset("folio", "_mm_id_mapcount");

    public int DeferredList { get; } = types.Offset("folio", "_deferred_list");

    public int TaskPid { get; } = types.Offset("task_struct", "pid");

    public int TaskMm { get; } = types.Offset("task_struct", "mm");

    public int TaskChildren { get; } = types.Offset("task_struct", "children");

    public int TaskSibling { get; } = types.Offset("task_struct", "sibling");

    public int MmTable { get; } = types.Offset("mm_struct", "pgd");

    public int MmId { get; } = types.Offset("mm_struct", "mm_id");

    public int HeadBit { get; } = types.Value("pageflags", "PG_head");

    public int ExclusiveBit { get; } = types.Value("pageflags", "PG_anon_exclusive");

    public int PartiallyMappedBit { get; } = types.Value("pageflags", "PG_partially_mapped");
}
