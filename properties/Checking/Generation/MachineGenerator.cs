using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Which machines a run draws.</summary>
public enum MachineChoice
{
    /// <summary>Tables of 8, 16, 64 and 512, drawn per case.</summary>
    Default,

    /// <summary>Tables of 8 only: every mechanism in the smallest scope.</summary>
    Tiny,

    /// <summary>Tables of 512 and well filled: a thousand and more mapped entries.</summary>
    Large,
}

/// <summary>Draws machines: geometry, frames, THP policy.</summary>
public static class MachineGenerator
{
    /// <summary>Draws a machine with at least one large order in use, nearly always.</summary>
    public static Machine Draw(IChoices choices, MachineChoice choice)
    {
        int entries = choice switch
        {
            MachineChoice.Tiny => 8,
            MachineChoice.Large => 512,
            _ => choices.Pick(8, 16, 16, 64, 64, 64, 512),
        };
        var machine = new Machine { EntriesPerTable = entries, ContPteEntries = Math.Min(entries, choices.Pick(4, 8, 16)) };
        // Now and then so few frames that large orders, and even single pages, run out.
        int frames = choices.Chance(1, 8) ? choices.Pick(2, 4) * entries : Math.Max(256, 8 * entries);
        return machine with
        {
            Frames = choice == MachineChoice.Large ? 8192 : frames,
            Thp = DrawPolicy(choices, machine),
            SoftDirty = choices.Chance(1, 4),
            // What a quirk excuses must hold without it.
            Quirks = choices.Chance(1, 2) ? Quirks.Linux618 : Quirks.Linux618 & ~(Quirks.MoveDropsNeighboursUffd | Quirks.MergeDropsSoftDirty),
        };
    }

    /// <summary>Draws THP settings: one to three sizes in use.</summary>
    public static ThpPolicy DrawPolicy(IChoices choices, Machine machine)
    {
        ThpPolicy policy = ThpPolicy.Off.With(Operation.GlobalOrder, choices.Pick(ThpMode.Madvise, ThpMode.Madvise, ThpMode.Always, ThpMode.Never));
        int enabled = 1 + choices.Choose(3);
        for (int i = 0; i < enabled; i++)
        {
            int order = DrawOrder(choices, machine);
            policy = policy.With(order, choices.Pick(ThpMode.Madvise, ThpMode.Madvise, ThpMode.Always, ThpMode.Always, ThpMode.Inherit));
        }
        return policy;
    }

    /// <summary>An order of a large folio that a fault may map by PTEs.</summary>
    public static int DrawOrder(IChoices choices, Machine machine) =>
        Machine.SmallestLargeOrder + choices.Choose(machine.LargestPteOrder - Machine.SmallestLargeOrder + 1);
}
