using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>Draws machines that this kernel can be: its page tables, and THP settings as for any machine.</summary>
internal static class LiveMachines
{
    private const int EnoughFrames = 1 << 16;

    /// <summary>Draws one.</summary>
    /// <param name="choices">Where choices come from.</param>
    /// <param name="quirks">Which quirks the model is to take the kernel to have.</param>
    /// <param name="mayBeAlways">Whether a size may be set to always.</param>
    /// <param name="hasPmdSize">Whether the PMD size is in use for certain; otherwise it is in half of the machines at least.</param>
    public static Machine Draw(IChoices choices, Quirks quirks = Quirks.Linux618, bool mayBeAlways = true, bool hasPmdSize = false)
    {
        var machine = new Machine { Frames = EnoughFrames, UseZeroPage = choices.Chance(1, 2), MaxPtesNone = choices.Pick(511, 511, 256, 2), Quirks = quirks };
        ThpPolicy policy = MachineGenerator.DrawPolicy(choices, machine);
        if (hasPmdSize || choices.Chance(1, 2))
            policy = policy.With(machine.PmdOrder, ThpMode.Madvise);
        // While a size is set to always every program of the machine gets such folios, and the counters by size are not ours alone,
        // and some of those folios live on after it: not too often.
        return machine with { Thp = choices.Chance(7, 8) || !mayBeAlways ? WithoutAlways(policy) : policy };
    }

    /// <summary>How well memory is filled at the start: PMD mappings need whole tables.</summary>
    public static MachineChoice Opening(IChoices choices, Machine machine) =>
        machine.Thp[machine.PmdOrder] != ThpMode.Never && choices.Chance(3, 4) ? MachineChoice.Large : MachineChoice.Default;

    /// <summary>
    /// Whether an operation leaves whole tables whole, as a PMD mapping or a collapse needs them: it does not change VMAs, or from the start of a table for as long as
    /// a table at least.
    /// </summary>
    public static bool KeepsTables(Operation operation)
    {
        int table = 1 << Machine.LargestPmdOrder;
        return !ChangesVmas(operation) || (operation.Address % table == 0 && operation.Length >= table && operation.NewAddress % table == 0);
    }

    private static bool ChangesVmas(in Operation operation) => operation.Kind switch
    {
        OperationKind.Mmap or OperationKind.Munmap or OperationKind.Mprotect or OperationKind.Mremap => true,
        OperationKind.Mlock or OperationKind.MlockOnFault or OperationKind.Munlock or OperationKind.UffdRegister or OperationKind.UffdUnregister => true,
        OperationKind.Madvise => operation.Advice is Advice.HugePage or Advice.NoHugePage or Advice.DontFork or Advice.DoFork or Advice.WipeOnFork or Advice.KeepOnFork,
        _ => false,
    };

    /// <summary>Whether a scenario on this machine may set a size to always.</summary>
    public static bool MaySetAlways(Machine machine) => !machine.Thp.Equals(WithoutAlways(machine.Thp));

    private static ThpPolicy WithoutAlways(ThpPolicy policy)
    {
        for (int order = Operation.GlobalOrder; order <= Machine.LargestPmdOrder; order++)
        {
            if ((order == Operation.GlobalOrder ? policy.Global : policy[order]) == ThpMode.Always)
                policy = policy.With(order, ThpMode.Madvise);
        }
        return policy;
    }
}
