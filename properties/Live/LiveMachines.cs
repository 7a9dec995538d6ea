using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>Draws machines that this kernel can be: its page tables, and THP settings as for any machine.</summary>
internal static class LiveMachines
{
    private const int EnoughFrames = 1 << 16;

    public static Machine Draw(IChoices choices, bool mayBeAlways = true)
    {
        var machine = new Machine { Frames = EnoughFrames };
        ThpPolicy policy = MachineGenerator.DrawPolicy(choices, machine);
        // While a size is set to always every program of the machine gets such folios, and the counters by size are not ours alone,
        // and some of those folios live on after it: not too often.
        return machine with { Thp = choices.Chance(7, 8) || !mayBeAlways ? WithoutAlways(policy) : policy };
    }

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
