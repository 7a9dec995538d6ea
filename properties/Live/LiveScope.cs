using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>
/// Which machines and operations the live kernel can be given. The models define more: small tables, failing allocations, addresses below 0.
/// </summary>
internal sealed class LiveScope(Features features, long commitLimit)
{
    private const int Handles = 256;

    /// <summary>Folios that are more than a queue holds.</summary>
    private const int WholeQueue = 100;

    private const long ModeratePages = 1L << 16;

    /// <summary>Whether a machine is one that this kernel can be. Quirks do not matter: they are what the model takes the kernel to do.</summary>
    public static bool Admits(Machine machine) =>
        machine.EntriesPerTable == 512 && machine.Batches == BatchPolicy.Kernel && !machine.SoftDirty
        && machine.Extensions == Extensions.None
        && Enumerable.Range(Machine.SmallestLargeOrder, machine.PmdOrder - 1).All(order => machine.Thp[order] == ThpMode.Never || ThpFiles.Orders.Contains(order));

    /// <summary>Whether an operation can be done, and means the same as in the models.</summary>
    public bool Admits(in Operation operation)
    {
        if (!features.Has(operation))
            return false;
        switch (operation.Kind)
        {
            case OperationKind.SetThp:
                return true;
            case OperationKind.ShrinkDeferred:
                return operation.Length >= WholeQueue;
            case OperationKind.Fork:
                return operation.Child < Agents.Slots;
            case OperationKind.Get or OperationKind.Put or OperationKind.Pin or OperationKind.Unpin when operation.Handle is < 0 or >= Handles:
                return false;
            case OperationKind.Mremap when !AdmitsRange(operation.NewAddress, operation.NewLength):
                return false;
            default:
                return AdmitsRange(operation.Address, operation.Length);
        }
    }

    /// <summary>Whether a promised outcome cannot be seen here: its operation is off, no scenario exhausts memory, no call is given an address below 0.</summary>
    /// <param name="outcome">As <see cref="Properties.Tally.Missing"/> has it.</param>
    public bool CannotHappen(string outcome)
    {
        string[] beyond = ["mprotect: EINVAL", "mlock: EINVAL", "mlock_onfault: EINVAL", "munlock: EINVAL", "clear_soft_dirty: no effect ever"];
        return outcome.EndsWith(": OOM", StringComparison.Ordinal) || beyond.Contains(outcome) || features.MissingKinds.Any(kind => outcome.StartsWith(kind + ":", StringComparison.Ordinal));
    }

    /// <summary>
    /// Below page 0 there is memory like any other, and the agent itself lies in the upper half; ranges that end beyond the address space are refused by
    /// the kernel too. What is more than may be committed must be so on this machine as well.
    /// </summary>
    private bool AdmitsRange(long address, long length)
    {
        if (address is < 0 or > Machine.AddressSpacePages)
            return false;
        if (length is < 0 or >= Machine.LengthWrapsPages)
            return true;
        bool moderate = length <= ModeratePages && address + length <= Arena.Pages;
        bool beyondCommit = length is >= Machine.CommitLimitPages and < 2 * Machine.CommitLimitPages && length > commitLimit && address + length <= Arena.Pages;
        bool beyondEnd = address + length > Machine.AddressSpacePages && length <= 2 * Machine.AddressSpacePages;
        return moderate || beyondCommit || beyondEnd || (address == Machine.AddressSpacePages && length <= 1);
    }
}
