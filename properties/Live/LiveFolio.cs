namespace FolioCheck.Live;

/// <summary>A mapped folio while a snapshot is taken.</summary>
internal sealed class LiveFolio(int id, long head, int order)
{
    /// <summary>Number in the record: the order of first appearance.</summary>
    public int Id { get; } = id;

    /// <summary>First frame.</summary>
    public long Head { get; } = head;

    /// <summary>log2 of its pages.</summary>
    public int Order { get; } = order;

    /// <summary>Its pages.</summary>
    public int Pages => 1 << Order;

    /// <summary>/proc/kpageflags of the head.</summary>
    public ulong Flags { get; set; }

    /// <summary>/proc/kpagecount of each page.</summary>
    public long[] Mapcounts { get; } = new long[1 << order];

    /// <summary>Its struct pages; empty from outside.</summary>
    public byte[] Structs { get; set; } = [];

    /// <summary>First word of each page; empty from outside.</summary>
    public long[] Contents { get; set; } = [];
}
