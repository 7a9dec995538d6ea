using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Where one operation leads: to a failure, or to a state with a name.</summary>
/// <param name="Failure">What went wrong; null if nothing did.</param>
/// <param name="Name">The name of the state, if nothing did.</param>
internal readonly record struct Arrival(Failure? Failure, UInt128 Name);

/// <summary>Runs scenarios and names the states in which they end. One thread's own.</summary>
internal sealed class Probe
{
    private readonly ExploredSystem _system;
    private readonly bool _mirrored;
    private readonly LockstepRun _lockstep;
    private readonly StateNames _names;
    private IMemorySystem? _reference;
    private IMemorySystem? _tested;

    /// <param name="system">What is explored.</param>
    /// <param name="mirrored">Whether states that differ by the names of processes 0 and 1 only are one.</param>
    public Probe(ExploredSystem system, bool mirrored)
    {
        _system = system;
        _mirrored = mirrored;
        _names = new StateNames(system.Ignored);
        _lockstep = new LockstepRun(
            machine => _tested = system.Tested(machine), Catalogue.All, machine => _reference = system.Reference(machine))
        {
            LooksForFeatures = false,
        };
    }

    /// <summary>Does a scenario with every check that <c>check</c> makes after each operation, laws excepted.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="held">Operations at its beginning that are known to hold.</param>
    public Arrival Run(Scenario scenario, int held)
    {
        if (_lockstep.Run(scenario, held) is Failure failure)
            return new Arrival(failure, default);
        UInt128 name = _names.Of(_reference!, _tested!);
        return new Arrival(null, _mirrored ? UInt128.Min(name, NameInMirror(scenario)) : name);
    }

    /// <summary>The name that the state has when the two processes change theirs from the beginning.</summary>
    private UInt128 NameInMirror(Scenario scenario)
    {
        Scenario mirrored = Mirror.Of(scenario);
        IMemorySystem reference = _system.Reference(mirrored.Machine);
        IMemorySystem tested = _system.Tested(mirrored.Machine);
        foreach (Operation operation in mirrored.Operations)
        {
            reference.Apply(operation);
            tested.Apply(operation);
        }
        return _names.Of(reference, tested);
    }
}
