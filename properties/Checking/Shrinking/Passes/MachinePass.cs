using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Smaller tables, fewer frames, fewer quirks, no soft-dirty bits, x86, no file.</summary>
internal static class MachinePass
{
    public static void Run(ShrinkSearch search)
    {
        foreach (int entries in new[] { 8, 16, 64 })
        {
            Machine machine = search.Best.Machine;
            if (entries < machine.EntriesPerTable
                && search.Try(MachineSettings.Fit(machine with { EntriesPerTable = entries, ContPteEntries = 4, Thp = Fitting(machine.Thp, entries) })))
                break;
        }
        if (search.Best.Machine.ContPteEntries > 4)
            search.Try(search.Best.Machine with { ContPteEntries = 4 });
        foreach (int frames in new[] { 32, 256 })
        {
            if (frames < search.Best.Machine.Frames && search.Try(MachineSettings.Fit(search.Best.Machine with { Frames = frames })))
                break;
        }
        foreach (Quirks quirk in new[] { Quirks.MoveDropsNeighboursUffd, Quirks.MergeDropsSoftDirty })
        {
            if ((search.Best.Machine.Quirks & quirk) != 0)
                search.Try(search.Best.Machine with { Quirks = search.Best.Machine.Quirks & ~quirk });
        }
        if (search.Best.Machine.Arch == Arch.Arm64)
            search.Try(MachineSettings.Fit(search.Best.Machine with { Arch = Arch.X86 }));
        if (search.Best.Machine.FilePages > 0)
            search.Try(search.Best.Machine with { FilePages = 0, FileOrder = 0, FinishFault = FinishFault.Folio, FaultAroundPages = new Machine().FaultAroundPages });
        if (search.Best.Machine.SoftDirty)
            search.Try(search.Best.Machine with { SoftDirty = false });
    }

    private static ThpPolicy Fitting(ThpPolicy policy, int entries)
    {
        for (int order = new Machine { EntriesPerTable = entries }.PmdOrder; order <= Machine.LargestPmdOrder; order++)
            policy = policy.With(order, ThpMode.Never);
        return policy;
    }
}
