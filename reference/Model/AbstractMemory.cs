using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// L0: what a program may see, and nothing else. A process is a map from page to value and rights; fork copies the map. There are no
/// folios, no counts and no page tables here. It decides values, SIGSEGV and errno by itself. It is told only what depends on things that it does
/// not have: that an allocation or a charge against the commit limit failed, and that a range that looks whole to it lies in several VMAs.
/// </summary>
public sealed partial class AbstractMemory
{
    /// <summary>What fork does with an area.</summary>
    [Flags]
    private enum ForkAdvice
    {
        None = 0,
        Leave = 1,
        Wipe = 2,
    }

    /// <summary>Pages [Start, End) with equal rights.</summary>
    private readonly record struct Area(long Start, long End, Protection Protection, ForkAdvice Fork = ForkAdvice.None);

    private sealed class Memory
    {
        /// <summary>Disjoint areas in any order.</summary>
        public List<Area> Areas { get; init; } = [];

        /// <summary>Values other than 0.</summary>
        public Dictionary<long, int> Values { get; init; } = [];

        /// <summary>Handles in use, and whether each is a pin.</summary>
        public Dictionary<int, bool> Handles { get; } = [];

        public Protection? RightsOf(long page) => AreaOf(page)?.Protection;

        public Area? AreaOf(long page)
        {
            foreach (Area area in Areas)
            {
                if (page >= area.Start && page < area.End)
                    return area;
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
            Cut(start, end);
        }

        /// <summary>Takes the areas of a range out; returns the parts inside it, ascending.</summary>
        public List<Area> Cut(long start, long end)
        {
            var inside = new List<Area>();
            foreach (Area area in Areas.Where(area => area.Start < end && start < area.End).OrderBy(area => area.Start).ToList())
            {
                Areas.Remove(area);
                if (area.Start < start)
                    Areas.Add(area with { End = start });
                if (area.End > end)
                    Areas.Add(area with { Start = end });
                inside.Add(area with { Start = Math.Max(start, area.Start), End = Math.Min(end, area.End) });
            }
            return inside;
        }

        public void Change(long start, long end, Func<Area, Area> change) => Areas.AddRange(Cut(start, end).Select(change));

        public long MappedPages(long start, long end) => Areas.Sum(area => Math.Max(0, Math.Min(end, area.End) - Math.Max(start, area.Start)));
    }

    private readonly Dictionary<int, Memory> _processes = new() { [0] = new Memory() };
    private readonly Machine _machine;

    /// <summary>A machine with one process that maps nothing.</summary>
    public AbstractMemory(Machine machine) => _machine = machine;

    /// <summary>Does one operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="told">
    /// The outcome elsewhere. Looked at only for <see cref="OutcomeKind.OutOfMemory"/> (how many pages were finished before an allocation failed), and
    /// for EFAULT of an mremap over a range that is mapped throughout (it lies in several VMAs), and for ENOMEM of an mprotect or mremap that asks for
    /// more than the commit limit (whether memory is charged already depends on faults long past).
    /// </param>
    public Outcome Apply(in Operation operation, Outcome told)
    {
        int? pagesDone = told.Kind == OutcomeKind.OutOfMemory ? told.Value : null;
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
            OperationKind.Mprotect => Mprotect(memory, operation, told),
            OperationKind.Mremap => Mremap(memory, operation, told),
            OperationKind.Get => Get(memory, operation),
            OperationKind.Put => Drop(memory, operation.Handle, isPin: false),
            OperationKind.Pin => Pin(memory, operation, pagesDone),
            OperationKind.Unpin => Drop(memory, operation.Handle, isPin: true),
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

    private static Outcome Madvise(Memory memory, in Operation operation, int? pagesDone)
    {
        if (BadRange(operation) || operation.Length >= Machine.LengthWrapsPages)
            return Outcome.Error(Errno.EINVAL);
        if (operation.Length == 0)
            return Outcome.Ok;
        if (operation.Advice is Advice.PopulateRead or Advice.PopulateWrite)
            return Populate(memory, operation, pagesDone);
        switch (operation.Advice)
        {
            case Advice.DontNeed:
                memory.Forget(operation.Address, operation.End);
                break;
            case Advice.DontFork:
                memory.Change(operation.Address, operation.End, area => area with { Fork = area.Fork | ForkAdvice.Leave });
                break;
            case Advice.DoFork:
                memory.Change(operation.Address, operation.End, area => area with { Fork = area.Fork & ~ForkAdvice.Leave });
                break;
            case Advice.WipeOnFork:
                memory.Change(operation.Address, operation.End, area => area with { Fork = area.Fork | ForkAdvice.Wipe });
                break;
            case Advice.KeepOnFork:
                memory.Change(operation.Address, operation.End, area => area with { Fork = area.Fork & ~ForkAdvice.Wipe });
                break;
        }
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
        var child = new Memory { Areas = [.. memory.Areas], Values = new Dictionary<long, int>(memory.Values) };
        foreach (Area area in memory.Areas)
        {
            if ((area.Fork & ForkAdvice.Leave) != 0)
                child.Unmap(area.Start, area.End);
            else if ((area.Fork & ForkAdvice.Wipe) != 0)
                child.Forget(area.Start, area.End);
        }
        foreach (int handle in memory.Handles.Keys.Where(handle => !memory.Handles[handle]))
            child.Handles.Add(handle, false);
        _processes[operation.Child] = child;
        return Outcome.Ok;
    }

    private Outcome Exit(in Operation operation)
    {
        _processes.Remove(operation.Process);
        return Outcome.Ok;
    }
}
