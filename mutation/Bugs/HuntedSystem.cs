using FolioCheck.Implementation;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Mutation;

/// <summary>Who takes which part in a hunt.</summary>
/// <param name="Tested">The tested system.</param>
/// <param name="Observed">The tested system with its micro-steps.</param>
/// <param name="Reference">What it is held against.</param>
public sealed record HuntedSystem(MemorySystemFactory Tested, ObservedMemorySystemFactory Observed, MemorySystemFactory Reference)
{
    /// <summary>What its micro-steps are held against.</summary>
    public ObservedMemorySystemFactory ObservedReference { get; init; } = ReferenceMemory.Create;

    /// <summary>The system that may have a bug: what it shows is held against the sound implementation first. It is the tested one, unless the reference has the bug.</summary>
    public MemorySystemFactory Suspect { get; init; } = Tested;

    /// <summary>The same with its micro-steps.</summary>
    public ObservedMemorySystemFactory ObservedSuspect { get; init; } = Observed;

    /// <summary>Whether only the reference has the bug: what is said of the tested system alone, as laws are, holds then.</summary>
    public bool TestedIsSound { get; init; }

    /// <summary>What all machines that are drawn for it have; the rest is drawn.</summary>
    public MachineSettings Settings { get; init; } = MachineSettings.None;

    /// <summary>The bug in its place, a sound system in the other.</summary>
    public static HuntedSystem Of(CompiledBug bug)
    {
        HuntedSystem system = bug.Bug.Layer == BugLayer.Implementation
            ? new HuntedSystem(bug.Create, bug.CreateObserved, ReferenceMemory.Create)
            : new HuntedSystem(OptimizedMemory.Create, OptimizedMemory.Create, bug.Create)
            {
                ObservedReference = bug.CreateObserved,
                Suspect = bug.Create,
                ObservedSuspect = bug.CreateObserved,
                TestedIsSound = true,
            };
        return system with { Settings = bug.Bug.Settings };
    }

    /// <summary>The system with the bug in both places: the two never differ, and only properties and abstract memory can notice.</summary>
    public static HuntedSystem Alone(CompiledBug bug) => new(bug.Create, bug.CreateObserved, bug.Create)
    {
        ObservedReference = bug.CreateObserved,
        Settings = bug.Bug.Settings,
    };

    /// <summary>No bug at all.</summary>
    public static HuntedSystem Sound { get; } = new(OptimizedMemory.Create, OptimizedMemory.Create, ReferenceMemory.Create);
}
