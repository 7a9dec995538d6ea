using FolioCheck.Kernel;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary>One operation of a scenario that is to be done with system calls.</summary>
/// <param name="Line">Its line in the file.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Outcome">What the reference says of it.</param>
/// <param name="DependsOnSizes">Whether the reference says something else where all folios are single pages.</param>
internal sealed record SelftestStep(int Line, Operation Operation, Outcome Outcome, bool DependsOnSizes);

/// <summary>A page that a process can read at the end, with the token that it holds.</summary>
internal readonly record struct HeldPage(long Page, int Token);

/// <summary>A scenario as a C program can do it: outcomes, and what user space can see at the end, as the reference has them.</summary>
internal sealed class SelftestSource
{
    private const int KernelTable = 512;
    private const long ModeratePages = 1L << 16;
    private const long UsablePages = 1L << 31;
    private const int MostNumber = 255;

    private SelftestSource(string path, Machine machine, IReadOnlyList<(int Line, Operation Operation)> operations)
    {
        Path = path;
        Machine = machine;
        IMemorySystem reference = ReferenceMemory.Create(machine);
        IMemorySystem quirky = ReferenceMemory.Create(machine with { Quirks = Quirks.Linux618 });
        IMemorySystem small = ReferenceMemory.Create(machine with { EntriesPerTable = KernelTable, ContPteEntries = 8, Thp = ThpPolicy.Off });
        var steps = new List<SelftestStep>();
        foreach ((int line, Operation operation) in operations)
        {
            Outcome outcome = reference.Apply(operation);
            bool same = OperationText.IsEnvironment(operation.Kind) || small.Apply(operation) == outcome;
            var step = new SelftestStep(line, operation, outcome, !same);
            bool isLinux = quirky.Apply(operation) == outcome;
            string? reason = WhyNot(step) ?? (isLinux ? null : "its outcome is that of a kernel without a quirk of Linux 6.18");
            if (reason is not null)
                throw new BadInputException(path, line, $"{OperationText.Call(operation)} cannot be written in C: {reason}");
            steps.Add(step);
        }
        Steps = steps;
        End = new MemoryState();
        End.Load(reference);
        Contents = ContentsOf(reference, small, End);
    }

    /// <summary>The file as the user named it.</summary>
    public string Path { get; }

    /// <summary>The machine.</summary>
    public Machine Machine { get; }

    /// <summary>The operations.</summary>
    public IReadOnlyList<SelftestStep> Steps { get; }

    /// <summary>The state after the last.</summary>
    public MemoryState End { get; }

    /// <summary>By process, the mapped pages that it can read then, whatever the sizes of folios.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<HeldPage>> Contents { get; }

    /// <summary>Whether the scenario's page tables are the kernel's, so that its THP settings mean the same there.</summary>
    public bool HasKernelTables => Machine.EntriesPerTable == KernelTable;

    /// <summary>Reads a scenario file, or a transcript as far as it is modelled.</summary>
    /// <exception cref="BadInputException">It is neither, or has an operation that a C program cannot do.</exception>
    public static SelftestSource Read(string path)
    {
        if (ReplayCommand.IsTranscript(path))
            return OfTranscript(path);
        ScenarioFile file = ScenarioText.Read(path, ReplayCommand.ReadLines(path));
        return new SelftestSource(path, file.Scenario.Machine, [.. file.Steps.Where(step => step.Operation is not null).Select(step => (step.Line, step.Operation!.Value))]);
    }

    private static SelftestSource OfTranscript(string path)
    {
        using Transcript transcript = Transcript.Open(path);
        var operations = new List<(int, Operation)>();
        foreach (TranscriptRecord record in transcript.Records())
        {
            if (OperationTranslation.Translate(record.Operation) is not { Reason: null } translation || ModelledStates.WhyNot(record.State) is not null)
                break;
            operations.Add((record.Line, translation.Operation));
        }
        return new SelftestSource(path, TranscriptMachine.Of(transcript.Header), operations);
    }

    /// <summary>Why an operation cannot be done by a program, or does not mean there what it means in the models; null if it can.</summary>
    private static string? WhyNot(SelftestStep step)
    {
        Operation operation = step.Operation;
        if (step.Outcome.Kind == OutcomeKind.OutOfMemory)
            return "it ends because memory runs out, which a program cannot bring about";
        if (step.Outcome.Kind == OutcomeKind.NoProcess || OperationText.IsEnvironment(operation.Kind))
            return null;
        if (operation.Kind == OperationKind.PinRead)
            return "no system call pins for reading only";
        if (operation.Process > MostNumber || operation.Kind == OperationKind.Fork && operation.Child > MostNumber)
            return $"its process has a number above {MostNumber}";
        bool handles = operation.Kind is OperationKind.Get or OperationKind.Put or OperationKind.Pin or OperationKind.Unpin;
        if (handles && operation.Handle is < 0 or > MostNumber)
            return $"its handle is not within 0 to {MostNumber}";
        if (operation.Kind == OperationKind.Mremap && (operation.MremapFlags & (MremapFlags.MayMove | MremapFlags.Fixed)) == MremapFlags.MayMove)
            return "the kernel chooses the place";
        return WhyNotRange(operation.Address, operation.Length, step)
            ?? (operation.Kind == OperationKind.Mremap ? WhyNotRange(operation.NewAddress, operation.NewLength, step) : null);
    }

    private static string? WhyNotRange(long address, long length, SelftestStep step)
    {
        bool loadOrStore = step.Operation.Kind is OperationKind.Read or OperationKind.Write or OperationKind.WriteRange;
        if (address < 0)
            return loadOrStore ? null : "below page 0 there is memory like any other";
        bool refused = step.Outcome.Kind == OutcomeKind.Errno && (step.Outcome.Value == (int)Errno.EINVAL || step.Operation.Kind == OperationKind.Mmap);
        bool beyondEnd = length >= 0 && address + length > Machine.AddressSpacePages;
        bool wraps = length is < 0 or >= Machine.LengthWrapsPages;
        if (refused && (beyondEnd || wraps))
            return null;
        if (length > ModeratePages)
            return $"what a range of more than {ModeratePages} pages does depends on the memory of the machine";
        return address + Math.Max(0, length) > UsablePages ? "the program itself lies there" : null;
    }

    private static SortedDictionary<int, IReadOnlyList<HeldPage>> ContentsOf(IMemorySystem reference, IMemorySystem small, MemoryState end)
    {
        var contents = new SortedDictionary<int, IReadOnlyList<HeldPage>>();
        foreach (IGrouping<int, PteRun> runs in end.Runs.GroupBy(run => run.Process))
        {
            var pages = new List<HeldPage>();
            foreach (long page in runs.SelectMany(run => Enumerable.Range(0, run.Count).Select(i => run.Page + i)))
            {
                Outcome outcome = reference.Apply(Operation.Read(runs.Key, page));
                if (outcome.Kind == OutcomeKind.Ok && small.Apply(Operation.Read(runs.Key, page)) == outcome)
                    pages.Add(new HeldPage(page, outcome.Value));
            }
            if (pages.Count > 0)
                contents.Add(runs.Key, pages);
        }
        return contents;
    }
}
