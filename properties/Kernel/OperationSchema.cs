namespace FolioCheck.Kernel;

/// <summary>What an argument of a recorded operation may be.</summary>
public enum ArgumentKind
{
    /// <summary>Number of a process.</summary>
    Slot,

    /// <summary>An address or a length in pages; a multiple of 1/4096, that is, any byte.</summary>
    Pages,

    /// <summary>A whole number: flags, access rights, a descriptor, a token, ...</summary>
    Whole,

    /// <summary>A name of madvise(2) without MADV_, or the raw number of an advice without a name.</summary>
    Advice,
}

/// <summary>The operations that a transcript may hold, each with the kinds of its arguments.</summary>
public static class OperationSchema
{
    private static readonly Dictionary<string, ArgumentKind[]> _arguments = new(StringComparer.Ordinal)
    {
        ["mmap"] =
        [
            ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages, ArgumentKind.Whole, ArgumentKind.Whole, ArgumentKind.Whole,
            ArgumentKind.Pages,
        ],
        ["munmap"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages],
        ["madvise"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages, ArgumentKind.Advice],
        ["mprotect"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages, ArgumentKind.Whole],
        ["mremap"] =
        [
            ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages, ArgumentKind.Pages, ArgumentKind.Whole, ArgumentKind.Pages,
        ],
        ["mlock"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages],
        ["mlock2"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages, ArgumentKind.Whole],
        ["munlock"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages],
        ["w"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Whole],
        ["r"] = [ArgumentKind.Slot, ArgumentKind.Pages],
        ["wr"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages, ArgumentKind.Whole],
        ["fork"] = [ArgumentKind.Slot, ArgumentKind.Slot],
        ["exit"] = [ArgumentKind.Slot],
        ["memfd"] = [ArgumentKind.Slot, ArgumentKind.Whole, ArgumentKind.Pages],
        ["fallocate"] = [ArgumentKind.Slot, ArgumentKind.Whole, ArgumentKind.Whole, ArgumentKind.Pages, ArgumentKind.Pages],
        ["pin"] = [ArgumentKind.Slot, ArgumentKind.Whole, ArgumentKind.Pages, ArgumentKind.Pages],
        ["unpin"] = [ArgumentKind.Slot, ArgumentKind.Whole],
        ["get"] = [ArgumentKind.Slot, ArgumentKind.Whole, ArgumentKind.Pages, ArgumentKind.Pages],
        ["put"] = [ArgumentKind.Slot, ArgumentKind.Whole],
        ["uffd_register"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages],
        ["uffd_unregister"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages],
        ["uffd_wp"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages, ArgumentKind.Whole],
        ["thp_disable"] = [ArgumentKind.Slot, ArgumentKind.Whole],
        ["force_write"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Whole],
        ["force_read"] = [ArgumentKind.Slot, ArgumentKind.Pages],
        ["pread_remote"] = [ArgumentKind.Slot, ArgumentKind.Pages, ArgumentKind.Pages],
    };

    /// <summary>All names.</summary>
    public static IReadOnlyCollection<string> Names => _arguments.Keys;

    /// <summary>The kinds of an operation's arguments, or null for a name that no transcript may hold.</summary>
    public static IReadOnlyList<ArgumentKind>? Arguments(string name) => _arguments.GetValueOrDefault(name);
}
