using System.Numerics;
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
    /// <summary>How many machines of <see cref="ShareOf"/> without soft-dirty bits are arm64.</summary>
    internal const int ArmShare = 1;

    /// <summary>How many machines of <see cref="ShareOf"/> have a file.</summary>
    internal const int FileShare = 1;

    private const int ShareOf = 12;

    private const int LargestFile = 256;

    /// <summary>Draws a machine with at least one large order in use, nearly always.</summary>
    /// <param name="choices">Where choices come from.</param>
    /// <param name="choice">Which machines.</param>
    /// <param name="settings">What is not drawn; null to draw everything.</param>
    public static Machine Draw(IChoices choices, MachineChoice choice, MachineSettings? settings = null)
    {
        settings ??= MachineSettings.None;
        Machine machine = settings.ApplyTo(DrawSizes(choices, choice));
        // arm64 has no soft-dirty bits.
        if (!machine.SoftDirty && choices.Chance(ArmShare, ShareOf) || machine.Arch == Arch.Arm64)
            machine = OnArm(choices, machine);
        if (choices.Chance(FileShare, ShareOf) || machine.FilePages > 0)
            machine = WithFile(choices, machine);
        return settings.ApplyTo(machine);
    }

    /// <summary>The machine as an arm64 one. Folios that fill blocks are what folding is about.</summary>
    private static Machine OnArm(IChoices choices, Machine machine)
    {
        int block = BitOperations.Log2((uint)machine.ContPteEntries);
        return MachineSettings.Fit(machine with
        {
            Arch = Arch.Arm64,
            AccessFlags = choices.Pick(AccessFlags.Hardware, AccessFlags.Hardware, AccessFlags.Software, AccessFlags.Mixed),
            Bbml2 = choices.Chance(1, 4),
            Thp = machine.Thp.With(Math.Min(block + choices.Choose(2), machine.PmdOrder), choices.Pick(ThpMode.Madvise, ThpMode.Always)),
        });
    }

    private static Machine WithFile(IChoices choices, Machine machine)
    {
        int order = choices.Choose(machine.LargestPteOrder + 1);
        int least = Math.Max(1, 4 >> order);
        int most = Math.Max(least, Math.Min(LargestFile, machine.Frames / 2) >> order);
        return machine with
        {
            FileOrder = order,
            FilePages = (least + choices.Choose(most - least + 1)) << order,
            FinishFault = choices.Pick(FinishFault.Folio, FinishFault.Page, FinishFault.Window),
            FaultAroundPages = 1 << choices.Choose(machine.PmdOrder + 1),
        };
    }

    private static Machine DrawSizes(IChoices choices, MachineChoice choice)
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
            UseZeroPage = choices.Chance(1, 2),
            Extensions = DrawExtensions(choices),
            MaxPtesNone = choices.Pick(511, entries / 2, 2),
            MaxPtesShared = choices.Pick(256, entries / 4),
            // What a quirk excuses must hold without it.
            Quirks = choices.Chance(1, 2) ? Quirks.Linux618 : Quirks.Linux618 & ~(Quirks.MoveDropsNeighboursUffd | Quirks.MergeDropsSoftDirty),
        };
    }

    /// <summary>Mostly none: they hide what kernels do.</summary>
    private static Extensions DrawExtensions(IChoices choices)
    {
        var extensions = Extensions.None;
        if (!choices.Chance(1, 4))
            return extensions;
        foreach (Extensions extension in new[] { Extensions.InPlaceCollapse, Extensions.ReformByMigration, Extensions.LazyZeroing, Extensions.AccessDetection })
            extensions |= choices.Chance(1, 2) ? extension : Extensions.None;
        return extensions;
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

    /// <summary>An order of a large folio: that of a PMD mapping now and then, else one that a fault maps by PTEs.</summary>
    public static int DrawOrder(IChoices choices, Machine machine) => choices.Chance(1, 4)
        ? machine.PmdOrder
        : Machine.SmallestLargeOrder + choices.Choose(machine.LargestPteOrder - Machine.SmallestLargeOrder + 1);
}
