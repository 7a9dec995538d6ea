using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// L0: what a program may see, and nothing else. A process is a map from page to value and rights; fork copies the map. There are no
/// folios, no counts and no page tables here. It decides values, SIGSEGV and errno by itself; only that an allocation failed it is told.
/// </summary>
public sealed class AbstractMemory
{
    /// <summary>Pages [Start, End) with equal rights.</summary>
    private readonly record struct Area(long Start, long End, Protection Protection);

    private sealed class Memory
    {
        /// <summary>Disjoint areas in any order.</summary>
        public List<Area> Areas { get; init; } = [];

        /// <summary>Values other than 0.</summary>
        public Dictionary<long, int> Values { get; init; } = [];

        public Protection? RightsOf(long page)
        {
            foreach (Area area in Areas)
            {
                if (page >= area.Start && page < area.End)
                    return area.Protection;
            }
            return null;
        }

        public void Store(long page, int value)
        {
            if (value == 0)
                Values.Remove(page);
            else
                Values[page] = value;
        }

        public void Forget(long start, long end)
        {
            foreach (long page in Values.Keys.Where(page => page >= start && page < end).ToList())
                Values.Remove(page);
        }

        public void Unmap(long start, long end)
        {
            Forget(start, end);
            foreach (Area area in Areas.Where(area => area.Start < end && start < area.End).ToList())
            {
                Areas.Remove(area);
                if (area.Start < start)
                    Areas.Add(area with { End = start });
                if (area.End > end)
                    Areas.Add(area with { Start = end });
            }
        }

        public long MappedPages(long start, long end) => Areas.Sum(area => Math.Max(0, Math.Min(end, area.End) - Math.Max(start, area.Start)));
    }

    private readonly Dictionary<int, Memory> _processes = new() { [0] = new Memory() };
    private readonly Machine _machine;

    /// <summary>A machine with one process that maps nothing.</summary>
    public AbstractMemory(Machine machine) => _machine = machine;

    /// <summary>Does one operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="pagesDone">Pages that were finished before an allocation of order 0 failed; null if none failed.</param>
    public Outcome Apply(in Operation operation, int? pagesDone)
    {
        if (operation.Kind is OperationKind.SetThp)
            return SetThp(operation);
        if (operation.Kind is OperationKind.FailAllocation)
            return FailAllocation(operation);
        if (!_processes.TryGetValue(operation.Process, out Memory? memory))
            return Outcome.NoProcess;

        return operation.Kind switch
        {
            OperationKind.Mmap => Mmap(memory, operation),
            OperationKind.Munmap => Munmap(memory, operation),
            OperationKind.Madvise => Madvise(memory, operation, pagesDone),
            OperationKind.Read => Read(memory, operation),
            OperationKind.Write or OperationKind.WriteRange => Write(memory, operation, pagesDone),
            OperationKind.Fork => Fork(memory, operation, pagesDone),
            OperationKind.Exit => Exit(operation),
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
    }

    /// <summary>What a page of a process holds; 0 where nothing was stored or nothing is mapped.</summary>
    public int ValueOf(int process, long page) =>
        _processes.TryGetValue(process, out Memory? memory) ? memory.Values.GetValueOrDefault(page) : 0;

    private Outcome SetThp(in Operation operation)
    {
        if (operation.Order == Operation.GlobalOrder)
            return operation.Mode == ThpMode.Inherit ? Outcome.Error(Errno.EINVAL) : Outcome.Ok;
        return operation.Order >= 2 && operation.Order <= _machine.PmdOrder ? Outcome.Ok : Outcome.Error(Errno.ENOENT);
    }

    private Outcome FailAllocation(in Operation operation)
    {
        bool canFail = operation.Order == 0 || operation.Order >= 2 && operation.Order < _machine.PmdOrder;
        return canFail ? Outcome.Ok : Outcome.Error(Errno.EINVAL);
    }

    private static Outcome Mmap(Memory memory, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation))
            return Outcome.Error(Errno.EINVAL);
        bool writable = (operation.Protection & Protection.Write) != 0;
        if (BeyondAddressSpace(operation) || writable && operation.Length >= Machine.CommitLimitPages)
            return Outcome.Error(Errno.ENOMEM);
        memory.Unmap(operation.Address, operation.End);
        memory.Areas.Add(new Area(operation.Address, operation.End, operation.Protection));
        return Outcome.Ok;
    }

    private static Outcome Munmap(Memory memory, in Operation operation)
    {
        if (operation.Length == 0 || BadRange(operation) || BeyondAddressSpace(operation))
            return Outcome.Error(Errno.EINVAL);
        memory.Unmap(operation.Address, operation.End);
        return Outcome.Ok;
    }

    private static Outcome Madvise(Memory memory, in Operation operation, int? pagesDone)
    {
        if (BadRange(operation) || operation.Length >= Machine.LengthWrapsPages)
            return Outcome.Error(Errno.EINVAL);
        if (operation.Length == 0)
            return Outcome.Ok;
        if (operation.Advice is Advice.PopulateRead or Advice.PopulateWrite)
            return Populate(memory, operation, pagesDone);
        if (operation.Advice == Advice.DontNeed)
            memory.Forget(operation.Address, operation.End);
        bool hole = memory.MappedPages(operation.Address, operation.End) < operation.Length;
        return hole ? Outcome.Error(Errno.ENOMEM) : Outcome.Ok;
    }

    private static Outcome Populate(Memory memory, in Operation operation, int? pagesDone)
    {
        Protection needed = operation.Advice == Advice.PopulateRead ? Protection.Read : Protection.Write;
        for (long page = operation.Address; page < operation.End; page++)
        {
            Protection? rights = memory.RightsOf(page);
            if (rights is null)
                return Outcome.Error(Errno.ENOMEM);
            if ((rights & needed) == 0)
                return Outcome.Error(Errno.EINVAL);
            if (page - operation.Address == pagesDone)
                return Outcome.OutOfMemory(pagesDone.Value);
        }
        return Outcome.Ok;
    }

    private static Outcome Read(Memory memory, in Operation operation)
    {
        if (memory.RightsOf(operation.Address) is null or Protection.None)
            return Outcome.SegmentationFault;
        return Outcome.Token(memory.Values.GetValueOrDefault(operation.Address));
    }

    private static Outcome Write(Memory memory, in Operation operation, int? pagesDone)
    {
        for (long done = 0; done < operation.Length; done++)
        {
            long page = operation.Address + done;
            if (((memory.RightsOf(page) ?? Protection.None) & Protection.Write) == 0)
                return Outcome.SegmentationFault;
            if (done == pagesDone)
                return Outcome.OutOfMemory((int)done);
            memory.Store(page, unchecked(operation.Value + (int)done));
        }
        return Outcome.Ok;
    }

    private Outcome Fork(Memory memory, in Operation operation, int? pagesDone)
    {
        if (operation.Child < 0 || _processes.ContainsKey(operation.Child))
            return Outcome.NoProcess;
        if (pagesDone is int done)
            return Outcome.OutOfMemory(done);
        _processes[operation.Child] = new Memory { Areas = [.. memory.Areas], Values = new Dictionary<long, int>(memory.Values) };
        return Outcome.Ok;
    }

    private Outcome Exit(in Operation operation)
    {
        _processes.Remove(operation.Process);
        return Outcome.Ok;
    }

    private static bool BadRange(in Operation operation) =>
        operation.Address < 0 || operation.Address > Machine.LengthWrapsPages || operation.Length < 0;

    private static bool BeyondAddressSpace(in Operation operation) =>
        operation.Length > Machine.AddressSpacePages || operation.Address > Machine.AddressSpacePages - operation.Length;
}
