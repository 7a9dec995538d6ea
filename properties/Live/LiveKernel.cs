using FolioCheck.Kernel;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>
/// The running kernel as a system under test. It does operations in processes of its own and says after each what the caller saw and what the state
/// is, as a record of a transcript. All calls come from the thread that made it, which is bound to one CPU with all agents.
/// </summary>
public sealed unsafe class LiveKernel : IDisposable
{
    private const int Page = 4096;

    private readonly RunLock _lock;
    private readonly KernelSettings _settings;
    private readonly Agents _agents;
    private readonly KernelView? _kernel;
    private readonly PageFiles _pageFiles = new();
    private readonly SizeCounters _sizeCounters;
    private readonly VmCounters _vmCounters;
    private readonly Snapshot _snapshot;
    private readonly SortedDictionary<int, ProcessFiles> _processes = [];
    private readonly Dictionary<uint, string> _mmNames = [];
    private readonly byte[] _room = new byte[1 << 20];
    private readonly byte* _scratch;
    private int _records;
    private readonly HugeZeroPage _hugeZeroPage;

    /// <summary>Takes the machine: the lock, its settings, one CPU. Everything is given back by <see cref="Dispose"/>.</summary>
    /// <param name="fromOutside">Whether to look at it from outside only, as where bpf(2) is not available.</param>
    /// <exception cref="LiveException">This machine cannot be used; the message says why.</exception>
    public LiveKernel(bool fromOutside = false)
    {
        RequireMachine();
        _lock = RunLock.Take();
        try
        {
            string program = AgentProgram.Build();
            Cpu = BindToOneCpu();
            _settings = new KernelSettings();
            AppDomain.CurrentDomain.ProcessExit += RestoreSettings;
            KernelSettings.Quieten();
            _agents = new Agents(program);
            _kernel = OpenView(fromOutside, out string? whyOutside);
            _scratch = (byte*)Libc.mmap(null, Page, Libc.ReadWrite, Libc.PrivateAnonymous, -1, 0);
            _snapshot = new Snapshot(_pageFiles, _kernel, ZeroPage());
            *_scratch = 1;
            _hugeZeroPage = new HugeZeroPage(_pageFiles);
            _sizeCounters = new SizeCounters(ThpFiles.Orders.Select(TranscriptMachine.Kilobytes));
            _vmCounters = new VmCounters();
            var features = Live.Features.Probe(_agents, _kernel, whyOutside);
            Features = features.All;
            Scope = new LiveScope(features, CommitLimit());
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the machine can do.</summary>
    public IReadOnlyList<Feature> Features { get; }

    /// <summary>What is compared: everything that can be looked at here.</summary>
    public ComparisonProfile Profile => _kernel is null ? ComparisonProfile.Linux618FromOutside : ComparisonProfile.Linux618;

    /// <summary>The CPU that everything runs on.</summary>
    public int Cpu { get; }

    internal LiveScope Scope { get; }

    /// <summary>Whether some other program held the huge zero page when the scenario began, so that the scenario cannot make it.</summary>
    internal bool HugeZeroPageIsThere { get; private set; }

    /// <summary>Why the live kernel cannot be used here at all, or null.</summary>
    public static string? WhyNot()
    {
        try
        {
            RequireMachine();
            return null;
        }
        catch (LiveException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Begins a scenario: a fresh process 0 and the THP settings of a machine.</summary>
    public void Begin(Machine machine)
    {
        End();
        HugeZeroPageIsThere = _hugeZeroPage.StaysWhenFreed();
        KernelSettings.Change(ThpFiles.ZeroPage, machine.UseZeroPage ? "1" : "0");
        KernelSettings.Change(Khugepaged.MaxPtesNone, machine.MaxPtesNone.ToString(System.Globalization.CultureInfo.InvariantCulture));
        foreach (int order in ThpFiles.Orders)
            _ = ThpFiles.Write(order, machine.Thp[order]);
        _ = ThpFiles.Write(Operation.GlobalOrder, machine.Thp.Global);
        _agents.Begin();
        Enter(0);
        _snapshot.Begin();
        Drain();
        Changes();
        _records = 0;
    }

    /// <summary>Ends a scenario: no process is left.</summary>
    public void End()
    {
        foreach (int slot in _agents.Living.ToArray())
            Leave(slot);
    }

    /// <summary>Does an operation and looks.</summary>
    public TranscriptRecord Apply(in Operation operation)
    {
        RecordedOutcome outcome = Do(operation);
        Drain();
        RecordedState state = _snapshot.Take(_processes, NameOfMm);
        if (_snapshot.HugeZeroPage is long head)
            _hugeZeroPage.Saw(head);
        int index = _records++;
        return new TranscriptRecord(index + 2, index, RecordedCall.Of(operation), outcome, Changes(), state, new Dictionary<string, IReadOnlyList<long>>());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= RestoreSettings;
        foreach (ProcessFiles files in _processes.Values)
            files.Dispose();
        _agents?.Dispose();
        _settings?.Dispose();
        _sizeCounters?.Dispose();
        _vmCounters?.Dispose();
        _kernel?.Dispose();
        _pageFiles.Dispose();
        _lock.Dispose();
    }

    private void RestoreSettings(object? sender, EventArgs arguments) => _settings.Restore();

    private RecordedOutcome Do(in Operation operation)
    {
        if (operation.Kind == OperationKind.SetThp)
            return Result(ThpFiles.Write(operation.Order, operation.Mode));
        if (operation.Kind is OperationKind.ShrinkDeferred or OperationKind.ShrinkHugeZero)
        {
            HugeZeroPage.RunShrinkers();
            return Result(0);
        }
        if (!_agents.IsAlive(operation.Process))
            return Refused;
        switch (operation.Kind)
        {
            case OperationKind.Fork:
                return Fork(operation.Process, operation.Child);
            case OperationKind.Exit:
                Leave(operation.Process);
                return new RecordedOutcome(RecordedOutcomeKind.Done, 0);
            case OperationKind.ReadRemote:
                long bytes = _processes[operation.Process].ReadRemotely(Arena.Address(operation.Address), Arena.Bytes(operation.Length), _room);
                return bytes < 0 ? Result((int)-bytes) : new RecordedOutcome(RecordedOutcomeKind.Value, bytes);
            case OperationKind.ForceRead or OperationKind.ForceWrite:
                return Force(operation);
            case OperationKind.ClearSoftDirty:
                return Result(_processes[operation.Process].ClearSoftDirty());
            default:
                return Outcome(_agents.Call(operation.Process, AgentOperations.Request(operation)));
        }
    }

    private RecordedOutcome Force(in Operation operation)
    {
        bool writes = operation.Kind == OperationKind.ForceWrite;
        uint word = writes ? (uint)operation.Value : 0;
        int error = _processes[operation.Process].Force(Arena.Address(operation.Address), writes, ref word);
        return error != 0 || writes ? Result(error) : new RecordedOutcome(RecordedOutcomeKind.Value, word);
    }

    private RecordedOutcome Fork(int parent, int child)
    {
        if (child < 0 || _agents.IsAlive(child))
            return Refused;
        RecordedOutcome outcome = Outcome(_agents.ForkFrom(parent, child));
        if (outcome.Kind != RecordedOutcomeKind.Value)
            return outcome;
        Enter(child);
        return new RecordedOutcome(RecordedOutcomeKind.Done, 0);
    }

    private static RecordedOutcome Refused => new(RecordedOutcomeKind.NotOfAKernel, (long)OutcomeKind.NoProcess);

    private static RecordedOutcome Result(int error) =>
        error == 0 ? new RecordedOutcome(RecordedOutcomeKind.Value, 0) : new RecordedOutcome(RecordedOutcomeKind.Error, error);

    private static RecordedOutcome Outcome(in AgentReply reply) => reply.Answer switch
    {
        AgentAnswer.Done => new(RecordedOutcomeKind.Value, reply.Value),
        AgentAnswer.Errno => new(RecordedOutcomeKind.Error, reply.Number),
        AgentAnswer.Signal => new(RecordedOutcomeKind.Signal, reply.Number),
        _ => Refused,
    };

    private void Enter(int slot)
    {
        int pid = _agents.Pid(slot);
        (ulong Table, uint Id) mm = default;
        if (_kernel is not null)
        {
            mm = _kernel.Children()[pid];
            _mmNames[mm.Id] = slot.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        _processes.Add(slot, new ProcessFiles(pid) { Table = mm.Table, MmId = mm.Id });
    }

    private void Leave(int slot)
    {
        ProcessFiles files = _processes[slot];
        _processes.Remove(slot);
        _mmNames.Remove(files.MmId);
        files.Dispose();
        _agents.Exit(slot);
    }

    private Dictionary<string, long> Changes()
    {
        Dictionary<string, long> changes = _sizeCounters.Changes();
        _vmCounters.AddChanges(changes);
        return changes;
    }

    private string NameOfMm(uint id) => _mmNames.GetValueOrDefault(id, "dead");

    /// <summary>
    /// madvise_cold begins with lru_add_drain: pages that wait in this CPU's batches reach the LRU, and the batches' references are dropped. Done by this
    /// thread on a page of its own; the agents share the CPU.
    /// </summary>
    private void Drain() => _ = Libc.madvise(_scratch, Page, Libc.AdviseCold);

    private long ZeroPage()
    {
        byte* page = (byte*)Libc.mmap(null, Page, Libc.ReadWrite, Libc.PrivateAnonymous, -1, 0);
        _ = Volatile.Read(ref *page);
        using var own = new ProcessFiles(Environment.ProcessId);
        Span<ulong> entry = stackalloc ulong[1];
        own.ReadPagemap((ulong)page, entry);
        _ = Libc.munmap(page, Page);
        long frame = (long)(entry[0] & PageBits.FrameMask);
        return frame != 0 && PageBits.Has(_pageFiles.Flags(frame), PageBits.ZeroPage) ? frame : throw new LiveException("pagemap shows no page frame numbers");
    }

    private static KernelView? OpenView(bool fromOutside, out string? whyNot)
    {
        whyNot = fromOutside ? "not asked for" : null;
        if (fromOutside)
            return null;
        try
        {
            return new KernelView();
        }
        catch (LiveException exception)
        {
            whyNot = exception.Message;
            return null;
        }
    }

    private static void RequireMachine()
    {
        if (!OperatingSystem.IsLinux() || System.Runtime.InteropServices.RuntimeInformation.OSArchitecture != System.Runtime.InteropServices.Architecture.X64)
            throw new LiveException("the live kernel is Linux on x86-64; this is not");
        if (Libc.geteuid() != 0)
            throw new LiveException("the live kernel needs root: for sysfs, pagemap and kpagecount");
        if (ThpFiles.Orders.Count == 0)
            throw new LiveException($"{ThpFiles.Root} has no settings by size (Linux 6.8 or later, CONFIG_TRANSPARENT_HUGEPAGE)");
    }

    /// <summary>The last CPU that we may use; whoever starts us may have chosen one.</summary>
    private static int BindToOneCpu()
    {
        const int Words = 16;
        ulong* mask = stackalloc ulong[Words];
        if (Libc.sched_getaffinity(0, Words * sizeof(ulong), mask) < 0)
            throw new LiveException("sched_getaffinity: " + Libc.LastError);
        int cpu = (Words * 64) - 1;
        while (cpu > 0 && (mask[cpu / 64] >> (cpu % 64) & 1) == 0)
            cpu--;
        for (int word = 0; word < Words; word++)
            mask[word] = word == cpu / 64 ? 1UL << (cpu % 64) : 0;
        return Libc.sched_setaffinity(0, Words * sizeof(ulong), mask) == 0 ? cpu : throw new LiveException("sched_setaffinity: " + Libc.LastError);
    }

    /// <summary>Pages of RAM and swap: overcommit_memory 0 refuses more than that.</summary>
    private static long CommitLimit()
    {
        long kilobytes = 0;
        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] is "MemTotal:" or "SwapTotal:")
                kilobytes += long.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        return kilobytes / (Page / 1024);
    }
}
