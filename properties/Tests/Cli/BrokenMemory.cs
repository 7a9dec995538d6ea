using FolioCheck.Implementation;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>The implementation with a tongue that slips: it says ENOENT where some operation succeeded, so every scenario with one fails in its outcome.</summary>
internal sealed class BrokenMemory(Machine machine, OperationKind broken) : IMemorySystem
{
    private readonly IMemorySystem _sound = OptimizedMemory.Create(machine);

    /// <summary>A system that is wrong about one kind of operation.</summary>
    public static SystemUnderTest In(OperationKind kind) => new(machine => new BrokenMemory(machine, kind));

    public Outcome Apply(in Operation operation)
    {
        Outcome outcome = _sound.Apply(operation);
        return operation.Kind == broken && outcome.Kind == OutcomeKind.Ok ? Outcome.Error(Errno.ENOENT) : outcome;
    }

    public void Observe(Observation observation) => _sound.Observe(observation);
}
