using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Makes a failing scenario small while the same check keeps failing in the same field.
/// </summary>
/// <remarks>
/// Theory. Scenarios are ordered by: number of operations; then number of processes named; then the sum over operations of their size
/// (pages in ranges, digits of addresses and tokens); then the machine (entries in a table, frames, quirks, soft-dirty bits, THP settings). Every candidate of every
/// pass is smaller in this order than the scenario it comes from, and the order is well founded, so each pass, and the loop over passes until none
/// helps, ends. Operations are total, so every candidate is a valid scenario; nothing has to be repaired. Passes run in a fixed order and take
/// candidates in a fixed order, so the result depends on the scenario and the failing test alone. Chunks go first because one success there
/// saves the most; pairs come late because there are many of them. Runs are counted against a budget; when it is used up the best so far is returned.
/// </remarks>
public sealed class Shrinker
{
    private readonly Func<Scenario, Failure?> _run;
    private readonly Failure _wanted;
    private readonly int _budget;
    private Scenario _best;

    private Shrinker(Scenario scenario, Failure failure, Func<Scenario, Failure?> run, int budget)
    {
        _best = scenario;
        _wanted = failure;
        _run = run;
        _budget = budget;
    }

    /// <summary>Runs spent.</summary>
    public int Runs { get; private set; }

    private bool Exhausted => Runs >= _budget;

    /// <summary>Shrinks a failing scenario.</summary>
    /// <param name="scenario">It fails.</param>
    /// <param name="failure">How it fails.</param>
    /// <param name="run">Runs a candidate.</param>
    /// <param name="budget">Most runs to spend.</param>
    /// <returns>The smallest scenario found; it fails like the first.</returns>
    public static Scenario Shrink(Scenario scenario, Failure failure, Func<Scenario, Failure?> run, int budget = 5000)
    {
        // Nothing after the failing step can matter.
        Scenario cut = scenario with { Operations = [.. scenario.Operations.Take(failure.Step + 1)] };
        var shrinker = new Shrinker(run(cut) is Failure same && same.IsLike(failure) ? cut : scenario, failure, run, budget);
        return shrinker.ToFixpoint();
    }

    private Scenario ToFixpoint()
    {
        bool smaller = true;
        while (smaller && !Exhausted)
        {
            smaller = Chunks();
            smaller |= SingleOperations();
            smaller |= Processes();
            smaller |= Operands();
            smaller |= MachineSettings();
            if (!smaller)
                smaller = Pairs();
        }
        return _best;
    }

    private bool Try(Scenario candidate)
    {
        if (Exhausted)
            return false;
        Runs++;
        if (_run(candidate) is not Failure failure || !failure.IsLike(_wanted))
            return false;
        _best = candidate;
        return true;
    }

    private bool TryWithout(int start, int count)
    {
        var operations = new List<Operation>(_best.Operations);
        operations.RemoveRange(start, count);
        return Try(_best with { Operations = operations });
    }

    /// <summary>Removes runs of operations, from halves down to pairs, back to front.</summary>
    private bool Chunks()
    {
        bool any = false;
        for (int size = _best.Operations.Count / 2; size >= 2; size /= 2)
        {
            for (int start = _best.Operations.Count - size; start >= 0; start -= size)
            {
                if (start + size <= _best.Operations.Count)
                    any |= TryWithout(start, size);
            }
        }
        return any;
    }

    private bool SingleOperations()
    {
        bool any = false;
        for (int i = _best.Operations.Count - 1; i >= 0; i--)
        {
            if (i < _best.Operations.Count)
                any |= TryWithout(i, 1);
        }
        return any;
    }

    /// <summary>Removes two operations that are not neighbours: a fork and its exit, a fault and what undoes it.</summary>
    private bool Pairs()
    {
        for (int i = 0; i < _best.Operations.Count; i++)
        {
            for (int j = i + 1; j < _best.Operations.Count; j++)
            {
                var operations = new List<Operation>(_best.Operations);
                operations.RemoveAt(j);
                operations.RemoveAt(i);
                if (Try(_best with { Operations = operations }))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Gives one process's operations to a lower number, and closes gaps in the numbers.</summary>
    private bool Processes()
    {
        bool any = false;
        int[] numbers = [.. _best.Operations.SelectMany(NumbersIn).Distinct().Order()];
        for (int i = numbers.Length - 1; i > 0; i--)
        {
            foreach (int target in Enumerable.Range(0, numbers[i]))
                any |= Try(_best with { Operations = [.. _best.Operations.Select(operation => Renumber(operation, numbers[i], target))] });
        }
        return any;
    }

    private static int[] NumbersIn(Operation operation) =>
        operation.Kind == OperationKind.Fork ? [operation.Process, operation.Child] : [operation.Process];

    private static Operation Renumber(Operation operation, int from, int to)
    {
        if (operation.Process == from)
            operation = operation with { Process = to };
        if (operation.Kind == OperationKind.Fork && operation.Child == from)
            operation = operation with { Argument = to };
        return operation;
    }

    /// <summary>Makes ranges shorter, addresses lower and tokens small, one operation at a time; then all addresses together.</summary>
    private bool Operands()
    {
        bool any = false;
        for (int i = 0; i < _best.Operations.Count; i++)
        {
            bool again = true;
            while (again && !Exhausted)
            {
                again = false;
                foreach (Operation candidate in Smaller(_best.Operations[i]))
                {
                    var operations = new List<Operation>(_best.Operations) { [i] = candidate };
                    if (Try(_best with { Operations = operations }))
                    {
                        again = any = true;
                        break;
                    }
                }
            }
        }
        return any | Addresses();
    }

    private static IEnumerable<Operation> Smaller(Operation operation)
    {
        if (operation.Kind is OperationKind.WriteRange && operation.Length == 1)
            yield return Operation.Write(operation.Process, operation.Address, operation.Value);
        if (operation.Kind == OperationKind.Mremap && operation.Length > 1 && operation.Length == operation.NewLength)
            yield return operation with { Length = operation.Length / 2, NewLength = operation.Length / 2 };
        bool ranged = operation.Kind is OperationKind.Mmap or OperationKind.Munmap or OperationKind.Madvise or OperationKind.WriteRange
            or OperationKind.Mprotect or OperationKind.Get or OperationKind.Pin or OperationKind.PinRead or OperationKind.ReadRemote or OperationKind.Mlock or OperationKind.MlockOnFault
            or OperationKind.Munlock or OperationKind.UffdRegister or OperationKind.UffdUnregister or OperationKind.UffdWriteProtect;
        if (ranged && operation.Length > 1)
        {
            yield return operation with { Length = 1 };
            yield return operation with { Length = operation.Length / 2 };
            yield return operation with { Length = operation.Length - 1 };
            yield return operation with { Address = operation.Address + 1, Length = operation.Length - 1 };
        }
        if (operation.Kind is OperationKind.Write or OperationKind.WriteRange or OperationKind.ForceWrite && operation.Value > 1)
            yield return operation with { Value = 1 };
        if (operation.Kind is OperationKind.Read or OperationKind.Write or OperationKind.ForceRead or OperationKind.ForceWrite && operation.Address > 0)
        {
            yield return operation with { Address = operation.Address / 2 };
            yield return operation with { Address = operation.Address - 1 };
        }
    }

    /// <summary>Moves everything down by whole tables, then by less.</summary>
    private bool Addresses()
    {
        bool any = false;
        for (long step = 4L * _best.Machine.EntriesPerTable; step >= 1; step /= 2)
        {
            while (!Exhausted && _best.Operations.Any(operation => UsesAddress(operation) && operation.Address >= step)
                && _best.Operations.All(operation => !UsesAddress(operation) || operation.Address >= step || operation.Address < 0))
            {
                Operation[] moved = [.. _best.Operations.Select(operation =>
                    UsesAddress(operation) && operation.Address >= step ? operation with { Address = operation.Address - step } : operation)];
                if (!Try(_best with { Operations = moved }))
                    break;
                any = true;
            }
        }
        return any;
    }

    private static bool UsesAddress(Operation operation) =>
        operation.Kind is not (OperationKind.Fork or OperationKind.Exit or OperationKind.SetThp or OperationKind.FailAllocation
            or OperationKind.Put or OperationKind.Unpin or OperationKind.ClearSoftDirty or OperationKind.ThpDisable);

    /// <summary>Smaller tables, fewer quirks, no soft-dirty bits, fewer THP settings.</summary>
    private bool MachineSettings()
    {
        bool any = false;
        Machine machine = _best.Machine;
        foreach (int entries in new[] { 8, 16, 64 })
        {
            if (entries < _best.Machine.EntriesPerTable)
                any |= Try(_best with { Machine = machine with { EntriesPerTable = entries, ContPteEntries = 4, Thp = Fitting(machine.Thp, entries) } });
        }
        foreach (Quirks quirk in new[] { Quirks.MoveDropsNeighboursUffd, Quirks.MergeDropsSoftDirty })
        {
            if ((_best.Machine.Quirks & quirk) != 0)
                any |= Try(_best with { Machine = _best.Machine with { Quirks = _best.Machine.Quirks & ~quirk } });
        }
        if (_best.Machine.SoftDirty)
            any |= Try(_best with { Machine = _best.Machine with { SoftDirty = false } });
        for (int order = Machine.SmallestLargeOrder; order <= Machine.LargestPmdOrder; order++)
        {
            if (_best.Machine.Thp[order] != ThpMode.Never)
                any |= Try(_best with { Machine = _best.Machine with { Thp = _best.Machine.Thp.With(order, ThpMode.Never) } });
        }
        return any;
    }

    private static ThpPolicy Fitting(ThpPolicy policy, int entries)
    {
        for (int order = new Machine { EntriesPerTable = entries }.PmdOrder; order <= Machine.LargestPmdOrder; order++)
            policy = policy.With(order, ThpMode.Never);
        return policy;
    }
}
