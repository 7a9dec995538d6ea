using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// What the generator remembers of the sequence so far, so that operations meet on the same memory: living processes, mapped ranges,
/// orders in use, pages touched last. It follows the calls without running any model, so generation costs little and depends on nothing that is tested.
/// </summary>
internal sealed class Sketch
{
    private const int HotPages = 6;
    private const int HotRanges = 4;
    private readonly SortedList<int, List<(long Start, long End)>> _processes = new() { [0] = [] };
    private readonly Dictionary<int, List<(long Start, long End)>> _files = new() { [0] = [] };
    private readonly List<long> _hot = [];

    public Sketch(Machine machine)
    {
        Machine = machine;
        Policy = machine.Thp;
    }

    public Machine Machine { get; }

    public ThpPolicy Policy { get; private set; }

    public IList<int> Processes => _processes.Keys;

    public IReadOnlyList<long> Hot => _hot;

    /// <summary>Handles of get and pin that should be held.</summary>
    public List<(int Process, int Handle, bool IsPin)> Handles { get; } = [];

    /// <summary>Ranges that were locked lately.</summary>
    public List<(int Process, long Start, long Length)> Locked { get; } = [];

    /// <summary>Ranges that were registered with userfaultfd lately.</summary>
    public List<(int Process, long Start, long Length)> Watched { get; } = [];

    /// <summary>Ranges that map anonymous memory: most operations keep away from the file.</summary>
    public IReadOnlyList<(long Start, long End)> RangesOf(int process) => _processes.TryGetValue(process, out var ranges) ? ranges : [];

    /// <summary>Ranges that map the file.</summary>
    public IReadOnlyList<(long Start, long End)> FilesOf(int process) => _files.TryGetValue(process, out var ranges) ? ranges : [];

    /// <summary>Whether policy lets a PMD map folios anywhere.</summary>
    public bool UsesPmds => Policy[Machine.PmdOrder] != ThpMode.Never;

    /// <summary>Whether a range holds a page.</summary>
    public bool Maps(int process, long page)
    {
        foreach ((long start, long end) in RangesOf(process))
        {
            if (start <= page && page < end)
                return true;
        }
        return false;
    }

    /// <summary>Whole blocks by range: the first page, and how many follow each other from there.</summary>
    public List<(long First, long Count)> BlocksOf(int process)
    {
        int table = Machine.EntriesPerTable;
        var blocks = new List<(long First, long Count)>();
        foreach ((long start, long end) in RangesOf(process))
        {
            long first = (start + table - 1) / table * table;
            if (end - first >= table)
                blocks.Add((first, (end - first) / table));
        }
        return blocks;
    }

    /// <summary>Largest order that policy uses anywhere and that entries map; 0 if none.</summary>
    public int LargestOrder
    {
        get
        {
            int order = Machine.LargestPteOrder;
            while (order >= Machine.SmallestLargeOrder && Policy[order] == ThpMode.Never)
                order--;
            return order < Machine.SmallestLargeOrder ? 0 : order;
        }
    }

    /// <summary>Takes note of an operation.</summary>
    public void Note(in Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.SetThp:
                if (operation.Order != Operation.GlobalOrder && operation.Order >= 2 && operation.Order <= Machine.PmdOrder)
                    Policy = Policy.With(operation.Order, operation.Mode);
                return;
            case OperationKind.FailAllocation or OperationKind.ShrinkDeferred or OperationKind.ShrinkHugeZero:
                return;
        }
        int process = operation.Process;
        int handle = operation.Handle;
        if (!_processes.TryGetValue(process, out var ranges))
            return;
        List<(long Start, long End)> files = _files[process];
        long page = operation.Address;
        if (!files.Exists(file => file.Start <= page && page < file.End))
            Touch(page);
        switch (operation.Kind)
        {
            case OperationKind.Mmap when IsUsable(operation):
                Remove(ranges, operation.Address, operation.End);
                Remove(files, operation.Address, operation.End);
                ranges.Add((operation.Address, operation.End));
                break;
            case OperationKind.MmapFile when IsUsable(operation):
                Remove(ranges, operation.Address, operation.End);
                Remove(files, operation.Address, operation.End);
                files.Add((operation.Address, operation.End));
                break;
            case OperationKind.Munmap when operation.Length > 0 && operation.Address >= 0 && operation.End <= Machine.AddressSpacePages:
                Remove(ranges, operation.Address, operation.End);
                Remove(files, operation.Address, operation.End);
                break;
            case OperationKind.Fork when !_processes.ContainsKey(operation.Child):
                _processes.Add(operation.Child, [.. ranges]);
                _files[operation.Child] = [.. files];
                break;
            case OperationKind.Exit:
                _processes.Remove(operation.Process);
                Handles.RemoveAll(held => held.Process == process);
                Locked.RemoveAll(range => range.Process == process);
                Watched.RemoveAll(range => range.Process == process);
                break;
            case OperationKind.Mremap when IsUsable(operation) && operation.NewLength is > 0 and < Machine.CommitLimitPages && operation.NewAddress >= 0:
                NoteMremap(ranges, operation);
                break;
            case OperationKind.Get or OperationKind.Pin or OperationKind.PinRead:
                Handles.Add((operation.Process, operation.Handle, operation.Kind != OperationKind.Get));
                break;
            case OperationKind.Mlock or OperationKind.MlockOnFault:
                Remember(Locked, operation);
                break;
            case OperationKind.UffdRegister:
                Remember(Watched, operation);
                break;
            case OperationKind.Put or OperationKind.Unpin:
                Handles.RemoveAll(held => held.Process == process && held.Handle == handle);
                break;
        }
    }

    /// <summary>Roughly what an mremap leaves: it need not be exact, only near enough that later operations meet memory.</summary>
    private static void NoteMremap(List<(long Start, long End)> ranges, in Operation operation)
    {
        bool named = (operation.MremapFlags & MremapFlags.Fixed) != 0;
        bool keep = (operation.MremapFlags & MremapFlags.DontUnmap) != 0;
        long start = named ? operation.NewAddress : operation.Address;
        if (!keep)
            Remove(ranges, operation.Address, operation.End);
        Remove(ranges, start, start + operation.NewLength);
        ranges.Add((start, start + operation.NewLength));
    }

    private static bool IsUsable(in Operation operation) =>
        operation.Length > 0 && operation.Length < Machine.CommitLimitPages && operation.Address >= 0 && operation.Address < Machine.AddressSpacePages;

    private static void Remember(List<(int Process, long Start, long Length)> ranges, in Operation operation)
    {
        if (!IsUsable(operation))
            return;
        ranges.Insert(0, (operation.Process, operation.Address, operation.Length));
        if (ranges.Count > HotRanges)
            ranges.RemoveAt(HotRanges);
    }

    private void Touch(long page)
    {
        _hot.Remove(page);
        _hot.Insert(0, page);
        if (_hot.Count > HotPages)
            _hot.RemoveAt(HotPages);
    }

    private static void Remove(List<(long Start, long End)> ranges, long start, long end)
    {
        for (int i = ranges.Count - 1; i >= 0; i--)
        {
            (long from, long to) = ranges[i];
            if (to <= start || end <= from)
                continue;
            ranges.RemoveAt(i);
            if (from < start)
                ranges.Add((from, start));
            if (end < to)
                ranges.Add((end, to));
        }
    }
}
