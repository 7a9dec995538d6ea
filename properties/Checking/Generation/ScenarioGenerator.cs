using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Draws scenarios from a stream of choices. Operands are resolved against a <see cref="Sketch"/> while the sequence is built: pages and
/// ranges are biased to VMA, folio-block, word (63/64/65) and table edges and to what was touched last.
/// Swarm: some cases leave some kinds of operation out, some have only a few, so that these get room to pile up. In one case in three most is done to one place.
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
    private static readonly int[] Weights = [26, 12, 5, 12, 6, 6, 7, 13, 7, 3, 5, 6, 2, 9, 8, 3, 6, 4, 4, 2, 5, 5, 4, 7, 3, 3, 1, 3, 3, 4, 3, 2, 3, 3];

    /// <summary>What the kinds behind <see cref="Kind.Odd"/> weigh where the machine has a file.</summary>
    private static readonly int[] FileWeights = [10, 35];

    private const int FoldingWeight = 22;

    /// <summary>What each kind weighs in cases that have only a few.</summary>
    private const int FewKind = 10;

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
    private bool _isSteady;
    private (long Start, int Pages)? _focus;

    private ScenarioGenerator(IChoices choices, Machine machine, Func<Operation, bool> admits)
    {
        _choices = choices;
        _admits = admits;
        _sketch = new Sketch(machine);
        _weights = [.. Weights, .. machine.FilePages > 0 ? FileWeights : [0, 0], machine.Arch == Arch.Arm64 ? FoldingWeight : 0];
        // Elsewhere it does nothing.
        if (machine.SoftDirty)
            _weights[(int)Kind.SoftDirty] *= 4;
        if (_sketch.UsesPmds)
            _weights[(int)Kind.Collapse] *= 2;
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

    /// <summary>Some cases have everything, some leave kinds out, some have only a few.</summary>
    private void Swarm()
    {
        _isSteady = _choices.Chance(1, 3);
        switch (_choices.Choose(8))
        {
            case 0 or 1 or 2:
                break;
            case 3 or 4 or 5:
                for (int kind = (int)Kind.Read; kind < _weights.Length; kind++)
                    _weights[kind] = _choices.Chance(1, 4) ? 0 : _weights[kind];
                break;
            default:
                KeepFew();
                break;
        }
    }

    /// <summary>What is rare meets what is rare only where there is little else. Stores stay, for without memory in use there is nothing to do.</summary>
    private void KeepFew()
    {
        int[] drawn = [.. _weights.Select(weight => weight == 0 ? 0 : weight + FewKind)];
        Array.Clear(_weights, (int)Kind.Read, _weights.Length - (int)Kind.Read);
        for (int left = 3 + _choices.Choose(6); left > 0; left--)
        {
            int kind = _choices.PickWeighted(drawn);
            _weights[kind] = Math.Max(_weights[kind], FewKind);
        }
        if (_choices.Chance(1, 2))
            _weights[(int)Kind.Fork] = _weights[(int)Kind.Exit] = FewKind / 2;
    }

    /// <summary>Most cases begin with some memory in use; otherwise small cases would end before anything is shared.</summary>
    private void Open(MachineChoice machines)
    {
        int areas = machines == MachineChoice.Large ? 3 : 1 + _choices.Choose(_isSteady ? 2 : 3);
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
        TurnToFocus(process);
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
                DrawForeignAccess(process);
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
                DrawSplitFolio(process);
                break;
            case Kind.Shrink:
                DrawShrink(process);
                break;
            case Kind.NumaHint:
                DrawNumaHint(process);
                break;
            case Kind.Odd:
                if (_choices.Chance(1, 8))
                    DrawVast(process);
                else
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

    private void DrawRanged(Kind kind, int process)
    {
        if (kind == Kind.DontNeed && _sketch.UsesPmds && _choices.Chance(1, 12))
        {
            DrawRefill(process);
            return;
        }
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
            0 => Operation.Mmap(process, _choices.Pick(page, page, Machine.LengthWrapsPages), _choices.Pick(0L, 1L, Machine.AddressSpacePages + 1, Machine.CommitLimitPages, Machine.LengthWrapsPages)),
            1 => Operation.Munmap(process, _choices.Pick(page, page, 0), _choices.Pick(0L, Machine.AddressSpacePages, Machine.LengthWrapsPages)),
            2 => Operation.Madvise(process, page, _choices.Pick(0L, Machine.LengthWrapsPages), (Advice)_choices.Choose(Advices)),
            3 when _choices.Chance(1, 3) => Operation.Mprotect(process, _choices.Pick(-1, page), _choices.Pick(0L, 4L, Machine.LengthWrapsPages), Protection.Read),
            3 => Operation.Madvise(process, -1, 4, (Advice)_choices.Choose(Advices)),
            4 => Operation.WriteRange(process, page, _choices.Pick(0L, -1L), NextToken()),
            _ => Operation.Write(process, _choices.Pick(-1L, Machine.AddressSpacePages), NextToken()),
        };
    }

    private Operation DrawOddRange(OperationKind kind, int process, long page) =>
        new(kind, process, _choices.Pick(-1, page, page, Machine.LengthWrapsPages), _choices.Pick(0L, 4L, Machine.LengthWrapsPages), 0, 0);
}
