using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>The machine line of scenario files, both ways: <c>machine table=64 contpte=8 frames=1024 ...</c>.</summary>
public static class MachineText
{
    private static readonly FlagNames<Quirks> _quirkNames = new(
        (Quirks.SplitCountsAsDeferred, "split-counts-as-deferred"), (Quirks.MoveDropsNeighboursUffd, "move-drops-neighbours-uffd"),
        (Quirks.MergeDropsSoftDirty, "merge-drops-soft-dirty"), (Quirks.PagemapLooksAtHead, "pagemap-looks-at-head"));

    /// <summary>The line that describes a machine, but for its THP settings.</summary>
    public static string Line(Machine machine) => string.Create(
        CultureInfo.InvariantCulture,
        $"machine table={machine.EntriesPerTable} contpte={machine.ContPteEntries} frames={machine.Frames} "
        + $"batches={machine.Batches.ToString().ToLowerInvariant()} quirks={NameOf(machine.Quirks)}{(machine.SoftDirty ? " softdirty=on" : "")}{(machine.UseZeroPage ? "" : " zeropage=off")}"
        + $"{Limit("max_ptes_none", machine.MaxPtesNone, new Machine().MaxPtesNone)}{Limit("max_ptes_shared", machine.MaxPtesShared, new Machine().MaxPtesShared)}"
        + $"{(machine.Arch == Arch.X86 ? "" : " arch=arm64")}{(machine.AccessFlags == AccessFlags.Hardware ? "" : " access_flags=" + machine.AccessFlags.ToString().ToLowerInvariant())}{(machine.Bbml2 ? " bbml2=on" : "")}"
        + $"{FileSettings(machine)}"
        + $"{(machine.Extensions == Extensions.None ? "" : " extensions=" + ExtensionText.NameOf(machine.Extensions))}");

    private static string FileSettings(Machine machine) => machine.FilePages == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" file={machine.FilePages} file_order={machine.FileOrder} finish_fault={machine.FinishFault.ToString().ToLowerInvariant()}{Limit("fault_around", machine.FaultAroundPages, new Machine().FaultAroundPages)}");

    /// <summary>A limit of khugepaged where it is not the usual one.</summary>
    private static string Limit(string name, int limit, int usual) =>
        limit == usual ? "" : string.Create(CultureInfo.InvariantCulture, $" {name}={limit}");

    private static string NameOf(Quirks quirks) => quirks == Quirks.None ? "none" : _quirkNames.Of(quirks);

    private static Quirks? ReadQuirks(string text) => text == "none" ? Quirks.None : _quirkNames.Parse(text);

    /// <summary>A machine with another value of one setting.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="key">The setting, as the line names it.</param>
    /// <param name="value">Its value.</param>
    /// <param name="wrong">What is wrong if there is no such setting or value. Whether it fits the others is for <see cref="Machine.Validate"/> to say.</param>
    /// <returns>The machine; null if there is no such setting or value.</returns>
    public static Machine? Set(Machine machine, string key, string value, out string? wrong)
    {
        bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        if (SetNumber(machine, key, number) is Machine sized)
        {
            wrong = isNumber ? null : $"'{ScenarioText.Shorten(value)}' is not a number";
            return isNumber ? sized : null;
        }
        Machine? changed = key switch
        {
            "batches" when value is "kernel" => machine with { Batches = BatchPolicy.Kernel },
            "batches" when value is "singles" => machine with { Batches = BatchPolicy.Singles },
            "quirks" when ReadQuirks(value) is Quirks quirks => machine with { Quirks = quirks },
            "extensions" when ExtensionText.Parse(value) is Extensions extensions => machine with { Extensions = extensions },
            "zeropage" when value is "on" or "off" => machine with { UseZeroPage = value == "on" },
            "arch" when value is "x86" or "arm64" => machine with { Arch = value == "arm64" ? Arch.Arm64 : Arch.X86 },
            "access_flags" when value is "hardware" => machine with { AccessFlags = AccessFlags.Hardware },
            "access_flags" when value is "software" => machine with { AccessFlags = AccessFlags.Software },
            "access_flags" when value is "mixed" => machine with { AccessFlags = AccessFlags.Mixed },
            "finish_fault" when value is "folio" => machine with { FinishFault = FinishFault.Folio },
            "finish_fault" when value is "page" => machine with { FinishFault = FinishFault.Page },
            "finish_fault" when value is "window" => machine with { FinishFault = FinishFault.Window },
            "bbml2" when value is "on" or "off" => machine with { Bbml2 = value == "on" },
            "softdirty" when value is "on" or "off" => machine with { SoftDirty = value == "on" },
            _ => null,
        };
        wrong = changed is null ? $"'{key}={ScenarioText.Shorten(value)}' is no machine setting" : null;
        return changed;
    }

    private static Machine? SetNumber(Machine machine, string key, int number) => key switch
    {
        "table" => machine with { EntriesPerTable = number },
        "contpte" => machine with { ContPteEntries = number },
        "frames" => machine with { Frames = number },
        "max_ptes_none" => machine with { MaxPtesNone = number },
        "max_ptes_shared" => machine with { MaxPtesShared = number },
        "file" => machine with { FilePages = number },
        "file_order" => machine with { FileOrder = number },
        "fault_around" => machine with { FaultAroundPages = number },
        _ => null,
    };
}
