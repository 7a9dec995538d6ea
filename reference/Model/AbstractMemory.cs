using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>
/// L0: what a program may see, and nothing else. A process is a map from page to value and rights; fork copies the map. There are no
/// folios, no counts and no page tables here. It decides values, SIGSEGV and errno by itself. It is told only what depends on things that it does
/// not have: that an allocation or a charge against the commit limit failed, that a range that looks whole to it lies in several VMAs, that a
/// page that userfaultfd was asked to protect was there to be protected, and that one that may only be written to was there to be read.
/// </summary>
public sealed partial class AbstractMemory
{
    /// <summary>What a program asked for an area.</summary>
    [Flags]
    private enum Asked
    {
        None = 0,
        LeaveOnFork = 1,
        WipeOnFork = 2,
        Locked = 4,
        Watched = 8,
    }

    /// <summary>Pages [Start, End) with equal rights.</summary>
    /// <param name="Start">First page.</param>
    /// <param name="End">First page after it.</param>
    /// <param name="Protection">Rights.</param>
    /// <param name="Asked">What was asked for it.</param>
    /// <param name="FileShift">Of a mapping of the file: how far the page of the file lies behind the page.</param>
    private readonly record struct Area(long Start, long End, Protection Protection, Asked Asked = Asked.None, long? FileShift = null)
    {
        public long Length => End - Start;

        public bool Is(Asked asked) => (Asked & asked) != 0;
    }

    private sealed class Memory
    {
        /// <summary>Disjoint areas in any order.</summary>
        public List<Area> Areas { get; init; } = [];

        /// <summary>Values other than 0.</summary>
        public Dictionary<long, int> Values { get; init; } = [];

        /// <summary>Pages with a guard marker.</summary>
        public HashSet<long> Guards { get; init; } = [];

        /// <summary>Pages that userfaultfd was asked to write-protect since they were last empty: those of them that were there are.</summary>
        public HashSet<long> Watched { get; init; } = [];

        /// <summary>Handles in use; pipes and pins are numbered apart.</summary>
        public HashSet<(int Handle, bool IsPin)> Handles { get; } = [];

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
            Empty(start, end);
            Unguard(start, end);
            Cut(start, end);
        }

        /// <summary>Takes contents away, and with them their write-protection.</summary>
        public void Empty(long start, long end)
        {
            Forget(start, end);
            Resolve(start, end);
        }

        /// <summary>As a child sees what its parent kept for itself.</summary>
        public void Wipe(long start, long end)
        {
            Forget(start, end);
            Unguard(start, end);
        }

        public void Guard(long start, long end)
        {
            foreach (Area area in AreasIn(start, end))
            {
                for (long page = area.Start; page < area.End; page++)
                    Guards.Add(page);
            }
        }

        public void Unguard(long start, long end) => Guards.RemoveWhere(page => page >= start && page < end);

        public void Watch(long start, long end)
        {
            for (long page = start; page < end; page++)
                Watched.Add(page);
        }

        /// <summary>Pages of a range with a write-protection that a move takes along, since nobody watches there who would miss it.</summary>
        public List<long> LeftOver(long start, long end) =>
            [.. Watched.Where(page => page >= start && page < end && !AreaOf(page)!.Value.Is(Asked.Watched))];

        public void Resolve(long start, long end) => Watched.RemoveWhere(page => page >= start && page < end);

        /// <summary>The parts of the areas that lie in a range, ascending.</summary>
        public List<Area> AreasIn(long start, long end) =>
        [
            .. Areas.Where(area => Math.Max(start, area.Start) < Math.Min(end, area.End))
                .Select(area => area with { Start = Math.Max(start, area.Start), End = Math.Min(end, area.End) })
                .OrderBy(area => area.Start),
        ];

        /// <summary>Takes the areas of a range out; returns the parts inside it, ascending.</summary>
        public List<Area> Cut(long start, long end)
        {
            var inside = new List<Area>();
            foreach (Area area in Areas.Where(area => Math.Max(start, area.Start) < Math.Min(end, area.End)).OrderBy(area => area.Start).ToList())
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
    /// The outcome elsewhere. Looked at only for <see cref="OutcomeKind.OutOfMemory"/> (how many pages were finished before an allocation failed),
    /// for <see cref="OutcomeKind.BusError"/> and the errno that other calls have for it where userfaultfd was asked to protect, and
    /// for what MADV_COLLAPSE and split_folio fail with (who else refers to a page, and whether anything was ever there),
    /// for EFAULT of an mremap over a range that is mapped throughout (it lies in several VMAs), and for ENOMEM of an mprotect or mremap that asks for
    /// more than the commit limit (whether memory is charged already depends on faults long past); and where the file is mapped for what is not modelled of that.
    /// </param>
    public Outcome Apply(in Operation operation, Outcome told)
    {
        int? pagesDone = told.Kind == OutcomeKind.OutOfMemory ? told.Value : null;
        if (operation.Kind is OperationKind.SetThp)
            return SetThp(operation);
        if (operation.Kind is OperationKind.FailAllocation)
            return FailAllocation(operation);
        if (operation.Kind is OperationKind.ShrinkDeferred or OperationKind.ShrinkHugeZero)
            return Outcome.Ok;
        if (!_processes.TryGetValue(operation.Process, out Memory? memory))
            return Outcome.NoProcess;
        if (told == Outcome.NotModelled && memory.Areas.Exists(area => area.FileShift is not null))
            return told;

        return operation.Kind switch
        {
            OperationKind.MmapFile => MmapFile(memory, operation),
            OperationKind.Mmap => Mmap(memory, operation),
            OperationKind.Munmap => Munmap(memory, operation),
            OperationKind.Madvise => Madvise(memory, operation, told),
            OperationKind.Read => Read(memory, operation, told),
            OperationKind.Write or OperationKind.WriteRange => Write(memory, operation, told),
            OperationKind.ReadRemote => ReadRemote(memory, operation, told),
            OperationKind.ForceRead => ForceRead(memory, operation),
            OperationKind.ForceWrite => ForceWrite(memory, operation, told),
            OperationKind.Mlock => Mlock(memory, operation, told),
            OperationKind.MlockOnFault => SetLocked(memory, operation, locked: true),
            OperationKind.Munlock => SetLocked(memory, operation, locked: false),
            OperationKind.UffdRegister => UffdRegister(memory, operation, Asked.Watched),
            OperationKind.UffdUnregister => UffdRegister(memory, operation, Asked.None),
            OperationKind.UffdWriteProtect => UffdWriteProtect(memory, operation),
            OperationKind.ClearSoftDirty or OperationKind.ThpDisable or OperationKind.Khugepaged => Outcome.Ok,
            OperationKind.NumaHint => NumaHint(operation),
            OperationKind.DetectAccess => (_machine.Extensions & Extensions.AccessDetection) != 0 ? Outcome.Ok : Outcome.Error(Errno.EINVAL),
            OperationKind.SplitFolio => SplitFolio(memory, operation, told),
            OperationKind.Mprotect => Mprotect(memory, operation, told),
            OperationKind.Mremap => Mremap(memory, operation, told),
            OperationKind.Get => Get(memory, operation, told),
            OperationKind.Put => Drop(memory, operation.Handle, isPin: false),
            OperationKind.Pin => Pin(memory, operation, Protection.Write, told),
            OperationKind.PinRead => Pin(memory, operation, Protection.Read, told),
            OperationKind.Unpin => Drop(memory, operation.Handle, isPin: true),
            OperationKind.Fork => Fork(memory, operation, pagesDone),
            OperationKind.Exit => Exit(operation),
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
    }

    /// <summary>
    /// Says what of a process is locked, and what registered with userfaultfd, after an mremap: what is left behind and what is joined loses that by whole
    /// VMAs, and there are no VMAs here.
    /// </summary>
    public void LearnFlags(int process, IEnumerable<(long Start, long End, VmaFlags Flags)> vmas)
    {
        if (!_processes.TryGetValue(process, out Memory? memory))
            return;
        foreach ((long start, long end, VmaFlags flags) in vmas)
        {
            Asked asked = (flags & VmaFlags.Locked) != 0 ? Asked.Locked : Asked.None;
            if ((flags & VmaFlags.UffdWp) != 0)
                asked |= Asked.Watched;
            memory.Change(start, end, area => area with { Asked = area.Asked & ~(Asked.Locked | Asked.Watched) | asked });
        }
    }

    /// <summary>What a page of a process holds; 0 where nothing was stored or nothing is mapped.</summary>
    public int ValueOf(int process, long page)
    {
        if (!_processes.TryGetValue(process, out Memory? memory))
            return 0;
        return FilePageAt(memory, page) is long filePage ? _file.GetValueOrDefault(filePage) : memory.Values.GetValueOrDefault(page);
    }

    private Outcome SetThp(in Operation operation)
    {
        if (operation.Order == Operation.GlobalOrder)
            return operation.Mode == ThpMode.Inherit ? Outcome.Error(Errno.EINVAL) : Outcome.Ok;
        return operation.Order >= 2 && operation.Order <= _machine.PmdOrder ? Outcome.Ok : Outcome.Error(Errno.ENOENT);
    }

    private Outcome FailAllocation(in Operation operation)
    {
        bool canFail = operation.Order == 0 || operation.Order >= 2 && operation.Order <= _machine.PmdOrder;
        return canFail ? Outcome.Ok : Outcome.Error(Errno.EINVAL);
    }

    private static Outcome Madvise(Memory memory, in Operation operation, Outcome told)
    {
        if (BadRange(operation) || operation.Length >= Machine.LengthWrapsPages)
            return Outcome.Error(Errno.EINVAL);
        if (operation.Length == 0)
            return Outcome.Ok;
        if (operation.Advice is Advice.PopulateRead or Advice.PopulateWrite)
            return Populate(memory, operation, told);
        if (operation.Advice == Advice.Collapse && told.Kind == OutcomeKind.Errno)
            return told;
        long end = operation.End;
        bool untilLocked = operation.Advice is Advice.DontNeed or Advice.Free or Advice.Cold or Advice.GuardInstall;
        if (untilLocked && memory.AreasIn(operation.Address, end).Find(area => area.Is(Asked.Locked)) is { Length: > 0 } locked)
            end = locked.Start;
        DoAdvice(memory, operation.Address, end, operation.Advice);
        if (end < operation.End)
            return Outcome.Error(Errno.EINVAL);
        bool hole = memory.MappedPages(operation.Address, operation.End) < operation.Length;
        return hole ? Outcome.Error(Errno.ENOMEM) : Outcome.Ok;
    }

    private static void DoAdvice(Memory memory, long start, long end, Advice advice)
    {
        switch (advice)
        {
            case Advice.DontNeed or Advice.DontNeedLocked:
                memory.Empty(start, end);
                break;
            case Advice.DontFork:
                memory.Change(start, end, area => area with { Asked = area.Asked | Asked.LeaveOnFork });
                break;
            case Advice.DoFork:
                memory.Change(start, end, area => area with { Asked = area.Asked & ~Asked.LeaveOnFork });
                break;
            case Advice.WipeOnFork:
                memory.Change(start, end, area => area with { Asked = area.Asked | Asked.WipeOnFork });
                break;
            case Advice.KeepOnFork:
                memory.Change(start, end, area => area with { Asked = area.Asked & ~Asked.WipeOnFork });
                break;
            case Advice.GuardInstall:
                memory.Empty(start, end);
                memory.Guard(start, end);
                break;
            case Advice.GuardRemove:
                memory.Unguard(start, end);
                break;
        }
    }

    private static Outcome Populate(Memory memory, in Operation operation, Outcome told)
    {
        bool write = operation.Advice == Advice.PopulateWrite;
        for (long page = operation.Address; page < operation.End; page++)
        {
            Protection? rights = memory.RightsOf(page);
            if (rights is null)
                return Outcome.Error(Errno.ENOMEM);
            if ((rights & (write ? Protection.Write : Protection.Read)) == 0)
                return Outcome.Error(Errno.EINVAL);
            if (IsRefused(memory, page, write, told, Errno.EFAULT))
                return Outcome.Error(Errno.EFAULT);
            if (RanOut(told, page - operation.Address))
                return told;
        }
        return Outcome.Ok;
    }

    /// <summary>Whether a kernel that faults a page in on its own account is refused; each call has its own errno for it.</summary>
    private static bool IsRefused(Memory memory, long page, bool write, Outcome told, Errno errno) =>
        memory.Guards.Contains(page) || write && told == Outcome.Error(errno) && memory.Watched.Contains(page);

    /// <summary>Whether an allocation failed after so many pages.</summary>
    private static bool RanOut(Outcome told, long pagesDone) => told.Kind == OutcomeKind.OutOfMemory && told.Value == pagesDone;

    private Outcome Read(Memory memory, in Operation operation, Outcome told)
    {
        if (memory.RightsOf(operation.Address) is null or Protection.None || memory.Guards.Contains(operation.Address))
            return Outcome.SegmentationFault;
        if (FilePageAt(memory, operation.Address) is long filePage)
            return ReadFile(filePage, told);
        return Outcome.Token(memory.Values.GetValueOrDefault(operation.Address));
    }

    private Outcome Write(Memory memory, in Operation operation, Outcome told)
    {
        for (long done = 0; done < operation.Length; done++)
        {
            long page = operation.Address + done;
            if (((memory.RightsOf(page) ?? Protection.None) & Protection.Write) == 0 || memory.Guards.Contains(page))
                return Outcome.SegmentationFault;
            long? filePage = FilePageAt(memory, page);
            if (filePage >= _machine.FilePages)
                return Outcome.BusError((int)done);
            if (RanOut(told, done) || told == Outcome.BusError((int)done) && memory.Watched.Contains(page))
                return told;
            if (filePage is long shared)
                _file[shared] = unchecked(operation.Value + (int)done);
            else
                memory.Store(page, unchecked(operation.Value + (int)done));
        }
        return Outcome.Ok;
    }

    private static Outcome ForceRead(Memory memory, in Operation operation)
    {
        bool there = memory.AreaOf(operation.Address) is not null && !memory.Guards.Contains(operation.Address);
        return there ? Outcome.Token(memory.Values.GetValueOrDefault(operation.Address)) : Outcome.Error(Errno.EIO);
    }

    private static Outcome ForceWrite(Memory memory, in Operation operation, Outcome told)
    {
        if (memory.AreaOf(operation.Address) is null || IsRefused(memory, operation.Address, write: true, told, Errno.EIO))
            return Outcome.Error(Errno.EIO);
        if (RanOut(told, 0))
            return told;
        memory.Store(operation.Address, operation.Value);
        return Outcome.Ok;
    }

    private Outcome Fork(Memory memory, in Operation operation, int? pagesDone)
    {
        if (operation.Child < 0 || _processes.ContainsKey(operation.Child))
            return Outcome.NoProcess;
        if (pagesDone is int done)
            return Outcome.OutOfMemory(done);
        var child = new Memory { Areas = [.. memory.Areas], Values = new Dictionary<long, int>(memory.Values) };
        child.Guards.UnionWith(memory.Guards);
        foreach (Area area in memory.Areas)
        {
            if (area.Is(Asked.LeaveOnFork))
                child.Unmap(area.Start, area.End);
            else if (area.Is(Asked.WipeOnFork))
                child.Wipe(area.Start, area.End);
        }
        // Memory is locked, and watched, for one process only.
        child.Change(0, long.MaxValue, area => area with { Asked = area.Asked & ~(Asked.Locked | Asked.Watched) });
        child.Handles.UnionWith(memory.Handles.Where(handle => !handle.IsPin));
        _processes[operation.Child] = child;
        return Outcome.Ok;
    }

    private static Outcome NumaHint(in Operation operation) =>
        operation.Length == 0 || BadRange(operation) || BeyondAddressSpace(operation) ? Outcome.Error(Errno.EINVAL) : Outcome.Ok;

    /// <summary>What sizes folios have, and who refers to them, does not show here.</summary>
    private static Outcome SplitFolio(Memory memory, in Operation operation, Outcome told)
    {
        if (memory.AreaOf(operation.Address) is null)
            return Outcome.Error(Errno.EFAULT);
        return told == Outcome.Error(Errno.EINVAL) || told == Outcome.Error(Errno.EAGAIN) ? told : Outcome.Ok;
    }

    private Outcome Exit(in Operation operation)
    {
        _processes.Remove(operation.Process);
        return Outcome.Ok;
    }
}
