namespace FolioCheck.Live;

/// <summary>
/// Where in an agent's address space the pages of the models lie. The models' address space ends where the kernel's does (TASK_SIZE), so that what
/// goes beyond is refused by both; the agent's own mappings lie below the arena or in its upper half, where nothing may be put.
/// </summary>
internal static class Arena
{
    public const int PageShift = 12;

    /// <summary>Base address: a multiple of everything.</summary>
    public const ulong Base = 1UL << 46;

    /// <summary>Pages that scenarios may use.</summary>
    public const long Pages = 1L << 33;

    /// <summary>First address that scenarios may not use.</summary>
    public const ulong End = Base + ((ulong)Pages << PageShift);

    /// <summary>Address of a page.</summary>
    public static ulong Address(long page) => unchecked(Base + ((ulong)page << PageShift));

    /// <summary>Bytes of a number of pages; what does not fit in 64 bits is as much as does.</summary>
    public static ulong Bytes(long pages) => pages >= 1L << 52 ? ulong.MaxValue : unchecked((ulong)pages << PageShift);
}
