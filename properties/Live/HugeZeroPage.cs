namespace FolioCheck.Live;

/// <summary>
/// The machine's huge zero page. It stays when the last process that ever mapped it is gone, until memory is short, and any program of the machine may be one that
/// did. Scenarios begin without it where that can be had.
/// </summary>
internal sealed class HugeZeroPage(PageFiles files)
{
    private const long Unknown = -1;
    private const string DropCaches = "/proc/sys/vm/drop_caches";

    private long _head = Unknown;

    /// <summary>Whether shrinkers can be run here.</summary>
    public static bool CanRunShrinkers => File.Exists(DropCaches);

    /// <summary>Runs all shrinkers of the machine; there is no way to run one. The page cache is not dropped.</summary>
    public static void RunShrinkers() => File.WriteAllText(DropCaches, "2");

    /// <summary>Takes note of where it was seen last.</summary>
    public void Saw(long head) => _head = head;

    /// <summary>Frees it, if it was seen.</summary>
    /// <returns>Whether it is there still: some other program holds it.</returns>
    public bool StaysWhenFreed()
    {
        if (_head == Unknown)
            return false;
        RunShrinkers();
        if (PageBits.Has(files.Flags(_head), PageBits.ZeroPage))
            return true;
        _head = Unknown;
        return false;
    }
}
