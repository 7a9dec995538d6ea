using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>What a recording is about: scenarios as in every run, but only with operations that bear on one thing.</summary>
public sealed class RecordingProfile
{
    private static readonly OperationKind[] Usual =
    [
        OperationKind.Mmap, OperationKind.Munmap, OperationKind.Read, OperationKind.Write, OperationKind.WriteRange, OperationKind.Fork, OperationKind.Exit,
    ];

    private static readonly Advice[] UsualAdvice = [Advice.HugePage, Advice.DontNeed];

    private readonly HashSet<OperationKind> _kinds;
    private readonly HashSet<Advice> _advice;
    private readonly bool _everything;
    private readonly bool _pmdSize;
    private readonly string[] _needs;

    private RecordingProfile(string name, OperationKind[] kinds, Advice[] advice, string needs, bool everything = false, bool pmdSize = false)
    {
        _pmdSize = pmdSize;
        _needs = needs.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        Name = name;
        _kinds = [.. Usual, .. kinds];
        _advice = [.. UsualAdvice, .. advice];
        _everything = everything;
    }

    /// <summary>Its name: the first word of the file's.</summary>
    public string Name { get; }

    /// <summary>All profiles.</summary>
    public static IReadOnlyList<RecordingProfile> All { get; } =
    [
        new("cow", [], [], "fork, write"),
        new("mthp", [], [Advice.NoHugePage, Advice.Free, Advice.PopulateRead, Advice.PopulateWrite], "madvise POPULATE_WRITE, madvise FREE"),
        new("partial", [], [Advice.Free, Advice.Cold], "madvise COLD, madvise FREE"),
        new("prot", [OperationKind.Mprotect, OperationKind.Mremap], [], "mprotect, mremap"),
        new("straddle", [OperationKind.Mremap], [Advice.Free, Advice.Cold], "mremap"),
        new("pin", [OperationKind.Pin, OperationKind.Unpin, OperationKind.Get, OperationKind.Put], [], "pin, unpin, get, put"),
        new("forkflags", [OperationKind.Mremap], [Advice.DontFork, Advice.DoFork, Advice.WipeOnFork, Advice.KeepOnFork], "madvise DONTFORK, madvise WIPEONFORK, fork"),
        new("lock", [OperationKind.Mlock, OperationKind.MlockOnFault, OperationKind.Munlock, OperationKind.Mprotect, OperationKind.Mremap],
            [Advice.DontNeedLocked, Advice.Cold, Advice.Free], "mlock, munlock"),
        new("guard", [OperationKind.Mremap], [Advice.GuardInstall, Advice.GuardRemove, Advice.PopulateRead, Advice.PopulateWrite, Advice.Free], "madvise GUARD_INSTALL, madvise GUARD_REMOVE"),
        new("uffd", [OperationKind.UffdRegister, OperationKind.UffdUnregister, OperationKind.UffdWriteProtect, OperationKind.Mremap, OperationKind.Mprotect],
            [Advice.Free, Advice.Cold, Advice.PopulateWrite], "uffd_register, uffd_wp, write"),
        new("force", [OperationKind.ForceRead, OperationKind.ForceWrite, OperationKind.ReadRemote, OperationKind.Mprotect], [], "force_read, force_write, read_remote"),
        new("policy", [OperationKind.ThpDisable], [Advice.NoHugePage, Advice.PopulateWrite], "thp_disable, madvise NOHUGEPAGE"),
        new("thp", [OperationKind.Mprotect, OperationKind.Mremap], [Advice.NoHugePage, Advice.Free, Advice.Cold, Advice.PopulateRead, Advice.PopulateWrite],
            "read, fork, write, mprotect, mremap", pmdSize: true),
        new("collapse", [OperationKind.Mprotect, OperationKind.Pin, OperationKind.Unpin], [Advice.Collapse, Advice.NoHugePage, Advice.PopulateRead],
            "madvise COLLAPSE, fork, write", pmdSize: true),
        new("mix", [], [], "fork, write", everything: true),
    ];

    /// <summary>Whether an operation belongs to it. Only what is read back as it was can be recorded.</summary>
    public bool Has(Operation operation)
    {
        if (Kernel.OperationTranslation.Translate(RecordedCall.Of(operation)).Reason is not null)
            return false;
        return _everything || (operation.Kind == OperationKind.Madvise ? _advice.Contains(operation.Advice) : _kinds.Contains(operation.Kind));
    }

    internal Scenario Draw(ulong seed, int number, LiveScope scope)
    {
        const int Size = 25;
        ulong start = unchecked((seed * 0x9E3779B97F4A7C15UL) + ((ulong)number * 0xD1342543DE82EF95UL));
        foreach (char letter in Name)
            start = unchecked((start ^ letter) * 0x100000001B3UL);
        var choices = new RandomChoices(start);
        Scenario scenario;
        do
        {
            Machine machine = LiveMachines.Draw(choices, mayBeAlways: false, hasPmdSize: _pmdSize);
            scenario = ScenarioGenerator.Draw(choices, machine, _pmdSize ? MachineChoice.Large : MachineChoice.Default, Size, operation => Has(operation) && scope.Admits(operation));
        }
        while (_pmdSize ? !IsTelling(scenario) : !_needs.All(scenario.Operations.Select(operation => OperationText.KindName(operation)).Contains));
        return scenario;
    }

    /// <summary>
    /// Whether all that is needed has an effect, on the reference, and the transcript is not long: whole tables of single pages say little, and are most of a file.
    /// </summary>
    private bool IsTelling(Scenario scenario)
    {
        const int MostFolios = 2000;
        IMemorySystem model = ReferenceMemory.Create(scenario.Machine);
        var before = new Observation();
        var after = new Observation();
        var effective = new HashSet<string>(StringComparer.Ordinal);
        int folios = 0;
        foreach (Operation operation in scenario.Operations)
        {
            model.Apply(operation);
            after.Clear();
            model.Observe(after);
            if (!after.SameAs(before))
                effective.Add(OperationText.KindName(operation));
            foreach (ObservationRecord record in after)
                folios += record.Kind == RecordKind.Folio ? 1 : 0;
            (before, after) = (after, before);
            if (folios > MostFolios)
                return false;
        }
        return effective.IsSupersetOf(_needs);
    }
}
