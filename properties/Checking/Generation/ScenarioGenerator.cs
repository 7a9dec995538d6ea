using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Draws scenarios from a stream of choices. Operands are resolved against a <see cref="Sketch"/> while the sequence is built: pages and
/// ranges are biased to VMA, folio-block, word (63/64/65) and table edges and to what was touched last.
/// Swarm: each case leaves some kinds of operation out, so that others get room to pile up.
/// </summary>
public sealed partial class ScenarioGenerator
{
    private enum Kind
    {
        Write,
        WriteRange,
        Read,
        Fork,
        Exit,
        Mmap,
        Munmap,
        DontNeed,
        Free,
        PopulateRead,
        PopulateWrite,
        HugePage,
        NoHugePage,
        Mprotect,
        Mremap,
        Cold,
        ForkAdvice,
        Get,
        Pin,
        PinRead,
        Release,
        Lock,
        Guard,
        Watch,
        Force,
        SoftDirty,
        ThpDisable,
        SetThp,
        FailAllocation,
        Collapse,
        SplitFolio,
        Shrink,
        NumaHint,
        Odd,
        MmapFile,
        FileUse,
        Folding,
    }

    /// <summary>How often each kind is drawn, by <see cref="Kind"/>.</summary>
    private static readonly int[] Weights = [26, 12, 5, 12, 6, 6, 7, 13, 7, 3, 5, 6, 2, 9, 8, 3, 6, 3, 4, 2, 5, 5, 4, 7, 3, 3, 1, 3, 3, 4, 3, 2, 3, 3];

    /// <summary>What the kinds behind <see cref="Kind.Odd"/> weigh where the machine has a file.</summary>
    private static readonly int[] FileWeights = [10, 35];

    private const int FoldingWeight = 14;

    /// <summary>Draws for each operation of a scenario: far more than are needed where everything is allowed.</summary>
    private const int MostTries = 1000;

    private static readonly int Advices = Enum.GetValues<Advice>().Length;

    private static readonly long[] Lengths = [1, 1, 2, 3, 4, 4, 7, 8, 9, 16, 17, 31, 32, 33, 63, 64, 65, 128, 256];

    private readonly IChoices _choices;
    private readonly Sketch _sketch;
    private readonly List<Operation> _operations = [];
    private readonly int[] _weights;
    private readonly Func<Operation, bool> _admits;
    private int _token;
    private bool _failsAnyOrder;
    private long? _block;

    private ScenarioGenerator(IChoices choices, Machine machine, Func<Operation, bool> admits)
    {
        _choices = choices;
        _admits = admits;
        _sketch = new Sketch(machine);
        _weights = [.. Weights, .. machine.FilePages > 0 ? FileWeights : [0, 0], machine.Arch == Arch.Arm64 ? FoldingWeight : 0];
        // Most extensions are about what a collapse does.
        if (machine.Extensions != Extensions.None)
            _weights[(int)Kind.Collapse] *= 3;
    }

    /// <summary>Draws a machine and a sequence.</summary>
    /// <param name="choices">Where choices come from.</param>
    /// <param name="machines">Which machines.</param>
    /// <param name="size">FsCheck's size: the number of operations grows with it.</param>
    /// <param name="allowed">What may be drawn; null for everything.</param>
    /// <param name="settings">What the machine has; null to draw everything.</param>
    public static Scenario Draw(IChoices choices, MachineChoice machines, int size, OperationSubset? allowed = null, MachineSettings? settings = null)
    {
        allowed ??= OperationSubset.All;
        Machine machine = allowed.Restrict(MachineGenerator.Draw(choices, machines, settings));
        return Draw(choices, machine, machines, size, operation => allowed.Includes(operation));
    }

    /// <summary>Draws a sequence for a machine that is given.</summary>
    /// <param name="choices">Where choices come from.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="machines">Which machines it is one of: how well memory is filled at the start.</param>
    /// <param name="size">FsCheck's size: the number of operations grows with it.</param>
    /// <param name="admits">Which operations the system can do; others are left out. It admits some in every state.</param>
    public static Scenario Draw(IChoices choices, Machine machine, MachineChoice machines, int size, Func<Operation, bool> admits)
    {
        int length = 10 + choices.Choose(10 + (2 * size));
        var generator = new ScenarioGenerator(choices, machine, admits);
        generator.Swarm();
        generator.Open(machines);
        // Swarm may have left out all that is allowed.
        for (int tries = MostTries * length; tries > 0 && generator._operations.Count < length; tries--)
            generator.Next();
        return new Scenario(machine, generator._operations);
    }

    /// <summary>Goes on from a scenario.</summary>
    /// <param name="choices">Where choices come from.</param>
    /// <param name="beginning">What is kept as it is.</param>
    /// <param name="length">Operations to add.</param>
    /// <param name="admits">Which operations the system can do.</param>
    /// <param name="favoured">Operations, in the words of <see cref="OperationText.KindName"/>, that shall be half of what is added.</param>
    public static Scenario Extend(IChoices choices, Scenario beginning, int length, Func<Operation, bool> admits, IReadOnlyList<string> favoured)
    {
        var generator = new ScenarioGenerator(choices, beginning.Machine, admits);
        generator.Begin(beginning.Operations);
        generator.Favour(favoured);
        int end = beginning.Operations.Count + length;
        for (int tries = MostTries * length; tries > 0 && generator._operations.Count < end; tries--)
            generator.Next();
        return new Scenario(beginning.Machine, generator._operations);
    }

    private void Begin(IReadOnlyList<Operation> operations)
    {
        foreach (Operation operation in operations)
        {
            _operations.Add(operation);
            _sketch.Note(operation);
            _token = Math.Max(_token, operation.Value);
        }
    }

    private void Favour(IReadOnlyList<string> names)
    {
        // That the largest order fails is the common case; two orders that fail one after the other are not.
        _failsAnyOrder = names.Contains("fail_allocation");
        int share = names.Count == 0 ? 0 : _weights.Sum() / names.Count;
        foreach (string name in names)
            _weights[(int)KindOf(name)] += share;
    }

    private static Kind KindOf(string name) => name switch
    {
        "write" => Kind.Write,
        "write_range" => Kind.WriteRange,
        "fork" => Kind.Fork,
        "exit" => Kind.Exit,
        "mmap" => Kind.Mmap,
        "munmap" => Kind.Munmap,
        "madvise DONTNEED" => Kind.DontNeed,
        "madvise FREE" => Kind.Free,
        "madvise COLD" => Kind.Cold,
        "madvise POPULATE_WRITE" => Kind.PopulateWrite,
        "madvise DONTFORK" => Kind.ForkAdvice,
        "madvise GUARD_INSTALL" or "madvise GUARD_REMOVE" => Kind.Guard,
        "mprotect" => Kind.Mprotect,
        "mremap" => Kind.Mremap,
        "pin" => Kind.Pin,
        "pin_read" => Kind.PinRead,
        "mlock" or "mlock_onfault" => Kind.Lock,
        "uffd_wp" => Kind.Watch,
        "force_write" or "read_remote" => Kind.Force,
        "clear_soft_dirty" => Kind.SoftDirty,
        "fail_allocation" => Kind.FailAllocation,
        "read" => Kind.Read,
        "get" => Kind.Get,
        "madvise COLLAPSE" or "khugepaged" or "detect_access" => Kind.Collapse,
        "split_folio" => Kind.SplitFolio,
        "shrink_deferred" or "shrink_huge_zero" => Kind.Shrink,
        "numa_hint" => Kind.NumaHint,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no feature favours it"),
    };

    private void Swarm()
    {
        if (_choices.Chance(1, 3))
            return;
        for (int kind = (int)Kind.Read; kind < _weights.Length; kind++)
        {
            if (_weights[kind] > 0 && _choices.Chance(1, 4))
                _weights[kind] = 0;
        }
    }

    /// <summary>Most cases begin with some memory in use; otherwise small cases would end before anything is shared.</summary>
    private void Open(MachineChoice machines)
    {
        int areas = machines == MachineChoice.Large ? 3 : 1 + _choices.Choose(3);
        for (int area = 0; area < areas; area++)
        {
            long length = machines == MachineChoice.Large ? 256 + _choices.Choose(512) : DrawMmapLength();
            long start = DrawMmapStart(area);
            if (_sketch.UsesPmds && _choices.Chance(1, 2))
                (start, length) = DrawWholeBlocks(area);
            Add(Operation.Mmap(0, start, length));
            if (_choices.Chance(5, 6))
                Add(Operation.Madvise(0, start, length, Advice.HugePage));
            if (_choices.Chance(3, 5))
                Add(Operation.WriteRange(0, start, length, NextToken()));
            else if (_choices.Chance(1, 2))
                Load(0, start, length);
        }
    }

    /// <summary>Memory that PMDs can map.</summary>
    private (long Start, long Length) DrawWholeBlocks(int area)
    {
        int table = _sketch.Machine.EntriesPerTable;
        return (4L * table * area, table * _choices.Pick(1, 2, 2, 3));
    }

    /// <summary>A load in each of the first blocks: each maps the huge zero page where it may.</summary>
    private void Load(int process, long start, long length)
    {
        int table = _sketch.Machine.EntriesPerTable;
        for (long page = start; page < start + Math.Min(length, 3L * table); page += table)
            Add(Operation.Read(process, page));
    }

    private long DrawMmapLength()
    {
        int table = _sketch.Machine.EntriesPerTable;
        return _choices.Choose(4) switch
        {
            0 when table < 512 || _choices.Chance(1, 6) => table,
            1 when table < 512 || _choices.Chance(1, 6) => table + _choices.Pick(-1, 1, 2, table / 2),
            2 => Lengths[_choices.Choose(Lengths.Length)],
            _ => 1 + _choices.Choose(table < 512 ? 2 * table : 100),
        };
    }

    /// <summary>Areas lie some tables apart, often aligned, sometimes so that they cross a table's end soon.</summary>
    private long DrawMmapStart(int area)
    {
        int table = _sketch.Machine.EntriesPerTable;
        long start = 4L * table * area;
        return start + _choices.Choose(6) switch
        {
            0 or 1 or 2 => 0,
            3 => _choices.Pick(1, 2, 3, 4),
            4 => table - _choices.Pick(1, 2, 4, 8),
            _ => table / 2,
        };
    }

    private void Add(in Operation operation)
    {
        if (!_admits(operation))
            return;
        _operations.Add(operation);
        _sketch.Note(operation);
    }

    private int NextToken() => _token = (_token + 1000) % 1_000_000_000;

    private void Next()
    {
        var kind = (Kind)_choices.PickWeighted(_weights);
        int process = DrawProcess();
        TurnToBlock(process);
        switch (kind)
        {
            case Kind.Write:
                Add(Operation.Write(process, DrawPage(process), _choices.Chance(1, 10) ? 0 : NextToken()));
                break;
            case Kind.Read:
                Add(Operation.Read(process, DrawPage(process)));
                break;
            case Kind.Fork:
                DrawFork(process);
                break;
            case Kind.Exit:
                DrawExit(process);
                break;
            case Kind.Mmap:
                DrawMmap(process);
                break;
            case Kind.Mprotect:
                DrawMprotect(process);
                break;
            case Kind.Mremap:
                DrawMremap(process);
                break;
            case Kind.Get or Kind.Pin or Kind.PinRead:
                DrawHold(process, kind);
                break;
            case Kind.Lock:
                DrawLock(process);
                break;
            case Kind.Guard:
                DrawGuard(process);
                break;
            case Kind.Watch:
                DrawWatch(process);
                break;
            case Kind.Force:
                Add(DrawForeignAccess(process));
                break;
            case Kind.SoftDirty:
                DrawSoftDirty(process);
                break;
            case Kind.ThpDisable:
                Add(Operation.DisableThp(process, _choices.Pick(ThpDisable.None, ThpDisable.All, ThpDisable.ExceptAdvised)));
                break;
            case Kind.Release:
                Add(DrawRelease(process));
                break;
            case Kind.SetThp:
                Add(DrawThp());
                break;
            case Kind.FailAllocation:
                Add(Operation.FailAllocation(DrawFailingOrder()));
                break;
            case Kind.Collapse:
                DrawCollapse(process, DrawBlock(process));
                break;
            case Kind.SplitFolio:
                Add(Operation.SplitFolio(process, DrawPage(process), _choices.Chance(1, 2) ? 0 : _choices.Choose(_sketch.Machine.PmdOrder + 1) - (_choices.Chance(1, 20) ? 1 : 0)));
                break;
            case Kind.Shrink:
                Add(_choices.Chance(1, 4) ? Operation.ShrinkHugeZero() : Operation.ShrinkDeferred(_choices.Pick(1, 1, 2, 5, 100)));
                break;
            case Kind.NumaHint:
                DrawNumaHint(process);
                break;
            case Kind.Odd:
                Add(DrawOdd(process));
                break;
            case Kind.MmapFile:
                DrawMmapFile(process);
                break;
            case Kind.FileUse:
                DrawFileUse(process);
                break;
            case Kind.Folding:
                DrawFolding(process);
                break;
            default:
                DrawRanged(kind, process);
                break;
        }
    }

    /// <summary>
    /// Much is done to one block for a while, then to another: what a call makes of a PMD mapping, or of the table that it left, was decided by the calls before.
    /// </summary>
    private void TurnToBlock(int process)
    {
        if (_block is long block && _sketch.Maps(process, block) && !_choices.Chance(1, 16))
            return;
        _block = _sketch.Machine.EntriesPerTable < 512 || _choices.Chance(1, 4) ? FindBlock(process) : null;
    }

    private void DrawRanged(Kind kind, int process)
    {
        (long start, long length) = DrawRange(process);
        Add(kind switch
        {
            Kind.WriteRange => Operation.WriteRange(process, start, length, NextToken()),
            Kind.Munmap => Operation.Munmap(process, start, length),
            Kind.DontNeed => Operation.Madvise(process, start, length, Advice.DontNeed),
            Kind.Free => Operation.Madvise(process, start, length, Advice.Free),
            Kind.PopulateRead => Operation.Madvise(process, start, length, Advice.PopulateRead),
            Kind.PopulateWrite => Operation.Madvise(process, start, length, Advice.PopulateWrite),
            Kind.Cold => Operation.Madvise(process, start, length, Advice.Cold),
            Kind.ForkAdvice => Operation.Madvise(
                process, start, length, _choices.Pick(Advice.DontFork, Advice.DontFork, Advice.DoFork, Advice.WipeOnFork, Advice.KeepOnFork)),
            Kind.HugePage => Operation.Madvise(process, start, length, Advice.HugePage),
            Kind.NoHugePage => Operation.Madvise(process, start, length, Advice.NoHugePage),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        });
    }

    /// <summary>Nearly always a living process; now and then a number that may be dead.</summary>
    private int DrawProcess()
    {
        IList<int> living = _sketch.Processes;
        return living.Count == 0 || _choices.Chance(1, 60) ? _choices.Choose(6) : living[_choices.Choose(living.Count)];
    }

    /// <summary>Four processes are enough for every state of the two MM-ID slots; more only now and then.</summary>
    private void DrawFork(int process)
    {
        if (_sketch.Processes.Count >= 4 && !_choices.Chance(1, 6))
            return;
        if (_choices.Chance(1, 6))
            DrawForkOfAPart(process);
        else
            Add(Operation.Fork(process, DrawChild()));
    }

    /// <summary>A fork that leaves part of a folio alone: behind it shared and exclusive pages lie side by side, and rights come and go over both.</summary>
    private void DrawForkOfAPart(int process)
    {
        (long start, long length) = DrawRange(process);
        long part = Math.Max(1, length / 2);
        Add(Operation.Madvise(process, start, part, Advice.DontFork));
        Add(Operation.Fork(process, DrawChild()));
        Add(Operation.Madvise(process, start, part, Advice.DoFork));
        if (_choices.Chance(1, 2))
        {
            Add(Operation.Mprotect(process, start, length, Protection.Read));
            Add(Operation.Mprotect(process, start, length, Protection.Read | Protection.Write));
        }
    }

    private int DrawChild()
    {
        if (_choices.Chance(1, 20))
            return _choices.Choose(8);
        int child = 0;
        while (_sketch.Processes.Contains(child))
            child++;
        return child;
    }

    /// <summary>The last process seldom exits: nothing happens after it.</summary>
    private void DrawExit(int process)
    {
        if (_sketch.Processes.Count <= 1 && !_choices.Chance(1, 40))
            return;
        Add(Operation.Exit(process));
        // What it was the last to hold can be freed now.
        if (!_sketch.UsesPmds || !_choices.Chance(1, 4))
            return;
        Add(Operation.ShrinkHugeZero());
        if (_sketch.Processes.Count == 0 || !_choices.Chance(1, 2))
            return;
        // And somebody else wants it again.
        int other = _sketch.Processes[_choices.Choose(_sketch.Processes.Count)];
        (long start, long length) = DrawWholeBlocks(_choices.Choose(5));
        Add(Operation.Mmap(other, start, length));
        Add(Operation.Madvise(other, start, length, Advice.HugePage));
        Load(other, start, length);
    }

    private void DrawMmap(int process)
    {
        long length = DrawMmapLength();
        bool inside = _sketch.RangesOf(process).Count > 0 && _choices.Chance(1, 2);
        long start = inside ? DrawPage(process) : DrawMmapStart(_choices.Choose(5));
        Protection protection = _choices.Choose(12) switch
        {
            0 => Protection.Read,
            1 => Protection.None,
            2 => Protection.Write,
            _ => Protection.Read | Protection.Write,
        };
        Add(Operation.Mmap(process, start, inside ? 1 + (length / 4) : length, protection));
        if (_choices.Chance(1, 2))
            Add(Operation.Madvise(process, start, length, Advice.HugePage));
    }

    /// <summary>Rights taken are often given back: that is where AnonExclusive decides.</summary>
    private void DrawMprotect(int process)
    {
        (long start, long length) = DrawRange(process);
        const Protection ReadWrite = Protection.Read | Protection.Write;
        Add(Operation.Mprotect(process, start, length, _choices.Pick(Protection.None, Protection.Read, Protection.Read, ReadWrite, ReadWrite, Protection.Write)));
        if (_choices.Chance(1, 3))
            Add(Operation.Mprotect(process, start, length, ReadWrite));
    }

    /// <summary>Mostly a move: by whole tables, by a few pages so that folios straddle tables, or beside other memory.</summary>
    private void DrawMremap(int process)
    {
        // Registered memory loses its protection on the way, entry by entry or as a whole.
        (process, long start, long length) = _sketch.Watched.Count > 0 && _choices.Chance(1, 6) ? DrawFrom(_sketch.Watched, process) : WithRange(process);
        Add(DrawMremap(process, start, length));
    }

    private Operation DrawMremap(int process, long start, long length)
    {
        int table = _sketch.Machine.EntriesPerTable;
        bool whole = start % table == 0 && length >= table;
        long target = _choices.Choose(5) switch
        {
            _ when whole && _choices.Chance(1, 2) => (8L + _choices.Choose(4)) * table,
            0 => (8L * table) + (start % table),
            1 => ((8L + _choices.Choose(4)) * table) - _choices.Pick(1, 2, 3, table / 2),
            2 => DrawMmapStart(_choices.Choose(5)) + _choices.Choose(table),
            3 => DrawPage(process),
            _ => (8L * table) + _choices.Choose(2 * table),
        };
        const MremapFlags Move = MremapFlags.MayMove | MremapFlags.Fixed;
        return _choices.Choose(12) switch
        {
            0 => Operation.Mremap(process, start, length, length + _choices.Pick(1, 3, 8), Move, target),
            1 => Operation.Mremap(process, start, length, Math.Max(1, length / 2), Move, target),
            2 => Operation.Mremap(process, start, length, length, Move | MremapFlags.DontUnmap, target),
            3 => DrawGrowth(process),
            4 => Operation.Mremap(process, start, length, Math.Max(1, length / 2), MremapFlags.None, 0),
            5 when _choices.Chance(1, 3) => Operation.Mremap(
                process, start, _choices.Pick(length, 0L), _choices.Pick(length, 0L, TooMuchFor(length)), (MremapFlags)_choices.Choose(8) & ~MremapFlags.MayMove, target),
            _ => Operation.Mremap(process, start, length, length, Move, target),
        };
    }

    /// <summary>In place, from the end of what is mapped, where there may be room; locked memory is populated as it grows.</summary>
    private Operation DrawGrowth(int process)
    {
        IReadOnlyList<(long Start, long End)> ranges = _sketch.RangesOf(process);
        (long start, long end) = ranges.Count == 0 ? (DrawPage(process), DrawPage(process) + 1) : ranges[_choices.Choose(ranges.Count)];
        long last = Math.Max(start, end - _choices.Pick(1, 2, 8));
        if (end > last && _choices.Chance(1, 3))
            Add(Operation.Mlock(process, last, end - last));
        return Operation.Mremap(process, last, end - last, end - last + _choices.Pick(1, 4, 8), MremapFlags.None, 0);
    }

    /// <summary>More than may be committed; but locked memory would be populated page by page.</summary>
    private long TooMuchFor(long length) =>
        _operations.Exists(operation => operation.Kind is OperationKind.Mlock or OperationKind.MlockOnFault) ? length + 1 : Machine.CommitLimitPages + length;

    private void DrawHold(int process, Kind kind)
    {
        if (_sketch.Handles.Count >= 4)
            return;
        (long start, long length) = DrawRange(process);
        length = Math.Min(length, _choices.Pick(1, 2, 4, 16, 40));
        int handle = DrawHandle(process, kind);
        Add(kind switch
        {
            Kind.Pin => Operation.Pin(process, handle, start, length),
            Kind.PinRead => Operation.PinRead(process, handle, start, length),
            _ => Operation.Get(process, handle, start, length),
        });
        // What follows decides what the references were for.
        if (_choices.Chance(1, 3))
            DrawFork(process);
        else if (_choices.Chance(1, 4))
            Add(Operation.Madvise(process, start, length + _choices.Choose(8), _choices.Pick(Advice.DontNeed, Advice.Free, Advice.Cold)));
        else if (_choices.Chance(1, 6))
            DrawCollapse(process, start / _sketch.Machine.EntriesPerTable * _sketch.Machine.EntriesPerTable);
        else if (_sketch.Machine.SoftDirty && _choices.Chance(1, 4))
            Add(Operation.ClearSoftDirty(process));
    }

    /// <summary>Mostly a new number. A pipe's number may be taken again: the pipe that had it lives on without one.</summary>
    private int DrawHandle(int process, Kind kind)
    {
        int used = _sketch.Handles.FindIndex(held => held.Process == process && !held.IsPin);
        if (kind == Kind.Get && used >= 0 && _choices.Chance(1, 3))
            return _sketch.Handles[used].Handle;
        return _choices.Chance(1, 20) ? 0 : _sketch.Handles.Count + (10 * process) + 1;
    }

    /// <summary>What a debugger does to the process.</summary>
    private Operation DrawForeignAccess(int process)
    {
        if (_choices.Chance(1, 3))
        {
            (long start, long length) = DrawRange(process);
            return Operation.ReadRemote(process, start, Math.Min(length, _choices.Pick(1, 2, 5, 20)));
        }
        long page = DrawPage(process);
        return _choices.Chance(1, 3) ? Operation.ForceRead(process, page) : Operation.ForceWrite(process, page, NextToken());
    }

    private void DrawLock(int process)
    {
        int choice = _choices.Choose(7);
        // What is undone was mostly done before.
        (process, long start, long length) = choice < 4 ? WithRange(process) : DrawFrom(_sketch.Locked, process);
        if (choice == 3 && _sketch.UsesPmds && _choices.Chance(2, 3))
            (start, length) = (DrawBlock(process), _sketch.Machine.EntriesPerTable);
        // What nobody ever wrote to would be populated page by page.
        length = Math.Min(length, 2L * _sketch.Machine.EntriesPerTable);
        Add(choice switch
        {
            0 or 1 or 2 => Operation.Mlock(process, start, length),
            3 => Operation.MlockOnFault(process, start, length),
            4 => Operation.Madvise(process, start, length, Advice.DontNeedLocked),
            _ => Operation.Munlock(process, start, length),
        });
        // What is locked when it is asked for, or was taken away although it is locked, is loaded before it is stored to.
        if (choice is 3 or 4 && _choices.Chance(1, 2))
            Load(process, start, length);
    }

    private (int Process, long Start, long Length) WithRange(int process)
    {
        (long start, long length) = DrawRange(process);
        return (process, start, length);
    }

    /// <summary>Mostly one of the ranges given, whole, or its beginning, or its end.</summary>
    private (int Process, long Start, long Length) DrawFrom(List<(int Process, long Start, long Length)> ranges, int process)
    {
        if (ranges.Count == 0 || _choices.Chance(1, 4))
            return WithRange(process);
        (int owner, long start, long length) = ranges[_choices.Choose(ranges.Count)];
        long cut = length < 2 ? 0 : 1 + _choices.Choose((int)Math.Min(length - 1, 20));
        return _choices.Choose(3) switch
        {
            0 => (owner, start + cut, length - cut),
            1 => (owner, start, Math.Max(1, length - cut)),
            _ => (owner, start, length),
        };
    }

    /// <summary>Whole blocks, mostly: what is not one is seldom more than refused.</summary>
    private void DrawCollapse(int process, long first)
    {
        int table = _sketch.Machine.EntriesPerTable;
        if (_choices.Chance(1, 2))
            Add(Operation.Write(process, first + _choices.Choose(table), NextToken()));
        if (_choices.Chance(1, (_sketch.Machine.Extensions & Extensions.AccessDetection) != 0 ? 2 : 20))
            DetectAndStore(process, first);
        if (_choices.Chance(1, 8))
            ProtectPage(process, first + _choices.Choose(table));
        if (_choices.Chance(1, 3))
            Add(Operation.Khugepaged(process, first + _choices.Choose(table)));
        else if (_choices.Chance(1, 8))
            Add(Operation.Madvise(process, first + 1, _choices.Pick(1, table, 2 * table), Advice.Collapse));
        else
            Add(Operation.Madvise(process, first, table * _choices.Pick(1, 1, 2, 3), Advice.Collapse));
    }

    /// <summary>An entry that a collapse has to mind, in memory that is watched for it alone.</summary>
    private void ProtectPage(int process, long page)
    {
        Add(Operation.UffdRegister(process, page, 1));
        Add(Operation.UffdWriteProtect(process, page, 1, protects: true));
    }

    /// <summary>What is accessed between a detection and a collapse is what the detection is for.</summary>
    private void DetectAndStore(int process, long first)
    {
        int table = _sketch.Machine.EntriesPerTable;
        Add(Operation.DetectAccess(process, first + _choices.Choose(table)));
        if (_choices.Chance(1, 2))
            Add(Operation.Write(process, first + _choices.Choose(table), NextToken()));
    }

    /// <summary>First page of a whole block, mapped throughout if there is one.</summary>
    private long DrawBlock(int process)
    {
        if (_block is long block && _choices.Chance(1, 2))
            return block;
        return FindBlock(process) ?? DrawPage(process) / _sketch.Machine.EntriesPerTable * _sketch.Machine.EntriesPerTable;
    }

    /// <summary>First page of some block that is mapped throughout; null if there is none.</summary>
    private long? FindBlock(int process)
    {
        int table = _sketch.Machine.EntriesPerTable;
        List<(long First, long Count)> areas = _sketch.BlocksOf(process);
        if (areas.Count == 0)
            return null;
        (long first, long count) = areas[_choices.Choose(areas.Count)];
        return first + (table * _choices.Choose((int)Math.Min(count, 8)));
    }

    private void DrawNumaHint(int process)
    {
        (long start, long length) = DrawRange(process);
        Add(Operation.NumaHint(process, start, length));
        if (_choices.Chance(1, 2))
            Add(_choices.Chance(1, 2) ? Operation.Read(process, DrawPage(process)) : Operation.Write(process, DrawPage(process), NextToken()));
    }

    private void DrawGuard(int process)
    {
        (long start, long length) = DrawRange(process);
        length = Math.Min(length, _choices.Pick(1, 1, 2, 8, 70));
        Add(Operation.Madvise(process, start, length, _choices.Chance(2, 3) ? Advice.GuardInstall : Advice.GuardRemove));
        // A guard on the way is what other calls must stop at.
        if (_choices.Chance(1, 4))
            Add(Operation.Madvise(process, Math.Max(0, start - 3), length + 6, _choices.Pick(Advice.PopulateRead, Advice.PopulateWrite, Advice.DontNeed)));
    }

    /// <summary>Register, protect a part, and then see who minds: protection means something only where pages are.</summary>
    private void DrawWatch(int process)
    {
        IReadOnlyList<(long Start, long End)> ranges = _sketch.RangesOf(process);
        if (ranges.Count > 0 && _choices.Chance(1, 8))
        {
            DrawMoveBeside(process, ranges[_choices.Choose(ranges.Count)]);
            return;
        }
        int choice = _choices.Choose(8);
        (process, long start, long length) = choice is 0 or 2 or 3 or 4 ? DrawFrom(_sketch.Watched, process) : WithRange(process);
        switch (choice)
        {
            case 0:
                Add(Operation.UffdUnregister(process, start, length));
                break;
            case 1:
                Add(Operation.UffdRegister(process, start, length));
                break;
            case 2 or 3:
                Add(Operation.UffdWriteProtect(process, start, length, protects: false));
                break;
            case 4:
                Add(Operation.UffdWriteProtect(process, start, length, protects: true));
                break;
            case 5:
                // All of it, so that what moves or is forked next is protected as a whole.
                if (_sketch.UsesPmds && _choices.Chance(1, 2))
                    (start, length) = (DrawBlock(process), _sketch.Machine.EntriesPerTable);
                Add(Operation.UffdRegister(process, start, length));
                Add(Operation.UffdWriteProtect(process, start, length, protects: true));
                if (_choices.Chance(1, 2))
                    Add(DrawMremap(process, start, length));
                break;
            default:
                Add(Operation.UffdRegister(process, start, length));
                Add(Operation.UffdWriteProtect(process, start + _choices.Choose(3), Math.Max(1, length - _choices.Choose(4)), protects: true));
                break;
        }
        if (_choices.Chance(1, 5))
            Add(Operation.WriteRange(process, Math.Max(0, start - 1), Math.Min(length, 20) + 2, NextToken()));
    }

    /// <summary>Registered memory comes to lie beside other registered memory, which loses its registration by a quirk and keeps the bits of its entries.</summary>
    private void DrawMoveBeside(int process, (long Start, long End) range)
    {
        long length = range.End - range.Start;
        Add(Operation.UffdRegister(process, range.Start, length));
        Add(Operation.UffdWriteProtect(process, range.Start, length, protects: true));
        long far = DrawMmapStart(6);
        Add(Operation.Mmap(process, far, 2));
        if (_choices.Chance(1, 2))
            Add(Operation.Madvise(process, far, 2, Advice.HugePage));
        Add(Operation.UffdRegister(process, far, 2));
        Add(Operation.Mremap(process, far, 2, 2, MremapFlags.MayMove | MremapFlags.Fixed, range.End));
        Add(Operation.Write(process, DrawPage(process), NextToken()));
    }

    private void DrawSoftDirty(int process)
    {
        Add(Operation.ClearSoftDirty(process));
        // Only then single entries say what was written.
        if (!_choices.Chance(1, 2))
            return;
        long page = DrawPage(process);
        Add(Operation.WriteRange(process, page, _choices.Pick(1, 2, 5), NextToken()));
        if (_choices.Chance(1, 3))
        {
            Add(Operation.Mprotect(process, page, 8, Protection.Read));
            Add(Operation.Mprotect(process, page, 8, Protection.Read | Protection.Write));
        }
    }

    private Operation DrawRelease(int process)
    {
        if (_sketch.Handles.Count == 0 || _choices.Chance(1, 12))
            return _choices.Chance(1, 2) ? Operation.Put(process, _choices.Choose(12)) : Operation.Unpin(process, _choices.Choose(12));
        (int holder, int handle, bool pin) = _sketch.Handles[_choices.Choose(_sketch.Handles.Count)];
        return pin != _choices.Chance(1, 20) ? Operation.Unpin(holder, handle) : Operation.Put(holder, handle);
    }

    private Operation DrawThp()
    {
        int order = _choices.Chance(1, 5) ? Operation.GlobalOrder : MachineGenerator.DrawOrder(_choices, _sketch.Machine);
        if (_choices.Chance(1, 12))
            order = _choices.Pick(1, 12);
        return Operation.SetThp(order, _choices.Pick(ThpMode.Always, ThpMode.Always, ThpMode.Madvise, ThpMode.Madvise, ThpMode.Inherit, ThpMode.Never));
    }

    private int DrawFailingOrder()
    {
        if (_choices.Chance(1, 12))
            return _choices.Pick(1, 11);
        if (_failsAnyOrder && _choices.Chance(1, 2))
            return MachineGenerator.DrawOrder(_choices, _sketch.Machine);
        return _choices.Chance(2, 3) && _sketch.LargestOrder > 0 ? _sketch.LargestOrder : 0;
    }

    /// <summary>Arguments that a call must refuse, or that lie in nothing.</summary>
    private Operation DrawOdd(int process)
    {
        long page = DrawPage(process);
        return _choices.Choose(9) switch
        {
            7 when _choices.Chance(1, 4) => DrawOddRange(OperationKind.NumaHint, process, page),
            8 when _choices.Chance(1, 4) => Operation.ReadRemote(process, page, -1),
            8 => new Operation(_choices.Pick(OperationKind.Get, OperationKind.Pin, OperationKind.PinRead), process, page, -1, 77, 0),
            6 => DrawOddRange(_choices.Pick(OperationKind.Mlock, OperationKind.MlockOnFault, OperationKind.Munlock), process, page),
            7 => DrawOddRange(_choices.Pick(OperationKind.UffdRegister, OperationKind.UffdUnregister, OperationKind.UffdWriteProtect), process, page),
            0 => Operation.Mmap(process, page, _choices.Pick(0L, Machine.AddressSpacePages + 1, Machine.CommitLimitPages, 1L << 52)),
            1 => Operation.Munmap(process, page, _choices.Pick(0L, Machine.AddressSpacePages, 1L << 52)),
            2 => Operation.Madvise(process, page, _choices.Pick(0L, Machine.LengthWrapsPages), (Advice)_choices.Choose(Advices)),
            3 when _choices.Chance(1, 3) => Operation.Mprotect(process, _choices.Pick(-1, page), _choices.Pick(0L, 4L, Machine.LengthWrapsPages), Protection.Read),
            3 => Operation.Madvise(process, -1, 4, (Advice)_choices.Choose(Advices)),
            4 => Operation.WriteRange(process, page, _choices.Pick(0L, -1L), NextToken()),
            _ => Operation.Write(process, _choices.Pick(-1L, Machine.AddressSpacePages), NextToken()),
        };
    }

    private Operation DrawOddRange(OperationKind kind, int process, long page) =>
        new(kind, process, _choices.Pick(-1, page), _choices.Pick(0L, 4L, Machine.LengthWrapsPages), 0, 0);

    private long DrawPage(int process)
    {
        IReadOnlyList<(long Start, long End)> ranges = _sketch.RangesOf(process);
        int table = _sketch.Machine.EntriesPerTable;
        if (ranges.Count == 0)
            return _choices.Choose(8 * table);
        if (_block is long block && _choices.Chance(1, 6))
            return block + _choices.Choose(table);
        (long start, long end) = ranges[_choices.Choose(ranges.Count)];
        long page = _choices.Choose(10) switch
        {
            0 => start,
            1 => end - 1,
            2 => BlockEdge(start + _choices.Choose((int)Math.Min(int.MaxValue, end - start))),
            3 => (start / table * table) + table + _choices.Pick(-1, 0, 1),
            4 => (start / table * table) + _choices.Pick(63, 64, 65),
            5 or 6 when _sketch.Hot.Count > 0 => _sketch.Hot[_choices.Choose(_sketch.Hot.Count)] + _choices.Pick(0, 0, 1, -1),
            _ => start + _choices.Choose((int)Math.Min(int.MaxValue, end - start)),
        };
        // Mostly inside; sometimes just outside on purpose.
        if (page >= start && page < end || _choices.Chance(1, 8))
            return Math.Max(0, page);
        return start + _choices.Choose((int)Math.Min(int.MaxValue, end - start));
    }

    private long BlockEdge(long page)
    {
        long size = 1L << _sketch.LargestOrder;
        long start = page / size * size;
        return _choices.Pick(start, start, start + size - 1, start + (size / 2));
    }

    /// <summary>The whole block, mostly; or two, or a part of it.</summary>
    private (long Start, long Length) DrawOfBlock(long block)
    {
        int table = _sketch.Machine.EntriesPerTable;
        int part = 1 + _choices.Choose(table - 1);
        return _choices.Choose(8) switch
        {
            0 => (block, part),
            1 => (block + part, table - part),
            2 => (block + part, 1),
            3 => (block, 2L * table),
            _ => (block, table),
        };
    }

    private (long Start, long Length) DrawRange(int process)
    {
        IReadOnlyList<(long Start, long End)> ranges = _sketch.RangesOf(process);
        if (ranges.Count == 0)
            return (DrawPage(process), Lengths[_choices.Choose(Lengths.Length)]);
        if (_block is long first && _choices.Chance(1, 4))
            return DrawOfBlock(first);
        (long start, long end) = ranges[_choices.Choose(ranges.Count)];
        long page = DrawPage(process);
        long block = 1L << _sketch.LargestOrder;
        switch (_choices.Choose(10))
        {
            case 0:
                return (start, end - start);
            case 1:
                return (page / block * block, block);
            case 2:
                return (page / block * block, Math.Max(1, block / 2));
            case 3:
                return ((page / block * block) + (block / 2), Math.Max(1, block / 2));
            case 4 when page >= start && page < end:
                return (page, end - page);
            case 5 when _choices.Chance(1, 3):
                return (Math.Max(0, start - 1), end - start + 3);
            default:
                long length = Lengths[_choices.Choose(Lengths.Length)];
                bool stay = page >= start && page < end && !_choices.Chance(1, 12);
                return (page, stay ? Math.Min(length, end - page) : length);
        }
    }
}
