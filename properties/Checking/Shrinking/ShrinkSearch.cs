using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>The smallest failing scenario so far, and the only way to replace it: by a smaller one that fails in the same way.</summary>
internal sealed class ShrinkSearch
{
    private readonly Func<Scenario, Failure?> _run;
    private readonly Failure _wanted;
    private readonly int _budget;
    private ScenarioSize _size;
    private int _runs;

    public ShrinkSearch(Scenario scenario, Failure wanted, Func<Scenario, Failure?> run, int budget)
    {
        Best = scenario;
        _size = new ScenarioSize(scenario);
        _wanted = wanted;
        _run = run;
        _budget = budget;
    }

    /// <summary>The smallest so far.</summary>
    public Scenario Best { get; private set; }

    /// <summary>Its operations.</summary>
    public IReadOnlyList<Operation> Operations => Best.Operations;

    /// <summary>0-based step at which the first scenario fails.</summary>
    public int FailingStep => _wanted.Step;

    /// <summary>Whether no run is left.</summary>
    public bool IsSpent => _runs >= _budget;

    /// <summary>Candidates that the pass at hand ran.</summary>
    public int Tried { get; private set; }

    /// <summary>Candidates of the pass at hand that were kept.</summary>
    public int Kept { get; private set; }

    /// <summary>Counts anew, for another pass.</summary>
    public void BeginPass() => Tried = Kept = 0;

    /// <summary>Keeps a candidate if it is smaller and fails in the same way. One that is not smaller is not even run.</summary>
    public bool Try(Scenario candidate)
    {
        if (IsSpent)
            return false;
        var size = new ScenarioSize(candidate);
        if (!size.IsSmallerThan(_size))
            return false;
        _runs++;
        Tried++;
        if (_run(candidate) is not Failure failure || !failure.IsLike(_wanted))
            return false;
        Kept++;
        Best = candidate;
        _size = size;
        return true;
    }

    /// <summary>Tries other operations on the same machine.</summary>
    public bool Try(IReadOnlyList<Operation> operations) => Try(Best with { Operations = operations });

    /// <summary>Tries the same operations on another machine.</summary>
    public bool Try(Machine machine) => Try(Best with { Machine = machine });

    /// <summary>Tries another operation in one place.</summary>
    public bool TryInPlace(int index, Operation operation) => Try(new List<Operation>(Operations) { [index] = operation });

    /// <summary>Tries to do without some operations in a row.</summary>
    public bool TryWithout(int start, int count)
    {
        var operations = new List<Operation>(Operations);
        operations.RemoveRange(start, count);
        return Try(operations);
    }
}
