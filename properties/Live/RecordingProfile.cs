using FolioCheck.Properties;
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
    private readonly string[] _needs;

    private RecordingProfile(string name, OperationKind[] kinds, Advice[] advice, string needs, bool everything = false)
    {
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
            Machine machine = LiveMachines.Draw(choices, mayBeAlways: false);
            scenario = ScenarioGenerator.Draw(choices, machine, MachineChoice.Default, Size, operation => Has(operation) && scope.Admits(operation));
        }
        while (!_needs.All(scenario.Operations.Select(operation => OperationText.KindName(operation)).Contains));
        return scenario;
    }
}
