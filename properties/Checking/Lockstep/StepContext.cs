using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What steps are told beside the states: THP settings and failing orders, followed from the operations themselves.</summary>
internal sealed class StepContext
{
    private readonly Machine _machine;
    private readonly SortedSet<int> _failing = [];

    public StepContext(Machine machine)
    {
        _machine = machine;
        Thp = machine.Thp;
    }

    public ThpPolicy Thp { get; private set; }

    public IReadOnlySet<int> Failing => _failing;

    /// <summary>Takes note of an operation that was done. A marked failure is dropped from the list as soon as it may have been consumed.</summary>
    public void Note(in Operation operation, Outcome outcome)
    {
        if (outcome.Kind != OutcomeKind.Ok && operation.Kind is OperationKind.SetThp or OperationKind.FailAllocation)
            return;
        switch (operation.Kind)
        {
            case OperationKind.SetThp:
                if (outcome.Kind == OutcomeKind.Ok)
                    Thp = Thp.With(operation.Order, operation.Mode);
                break;
            case OperationKind.FailAllocation:
                if (outcome.Kind == OutcomeKind.Ok && operation.Order <= _machine.PmdOrder)
                    _failing.Add(operation.Order);
                break;
            // A load may map the huge zero page, or a folio.
            case OperationKind.Read or OperationKind.Get or OperationKind.ForceRead or OperationKind.Khugepaged or OperationKind.Write or OperationKind.WriteRange or OperationKind.Fork or OperationKind.Madvise or OperationKind.Pin
                or OperationKind.PinRead or OperationKind.ReadRemote or OperationKind.ForceWrite or OperationKind.Mlock or OperationKind.Mprotect or OperationKind.Mremap:
                _failing.Clear();
                break;
        }
    }
}
