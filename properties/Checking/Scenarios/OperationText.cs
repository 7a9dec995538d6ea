using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Operations as text, one line each in the manner of strace: <c>0 madvise(0x10, 16, HUGEPAGE)</c>.</summary>
public static class OperationText
{
    private static readonly (Advice Advice, string Name)[] AdviceNames =
    [
        (Advice.HugePage, "HUGEPAGE"), (Advice.NoHugePage, "NOHUGEPAGE"), (Advice.DontNeed, "DONTNEED"),
        (Advice.Free, "FREE"), (Advice.Cold, "COLD"), (Advice.DontFork, "DONTFORK"), (Advice.DoFork, "DOFORK"),
        (Advice.WipeOnFork, "WIPEONFORK"), (Advice.KeepOnFork, "KEEPONFORK"), (Advice.PopulateRead, "POPULATE_READ"), (Advice.PopulateWrite, "POPULATE_WRITE"),
        (Advice.DontNeedLocked, "DONTNEED_LOCKED"), (Advice.GuardInstall, "GUARD_INSTALL"), (Advice.GuardRemove, "GUARD_REMOVE"), (Advice.Collapse, "COLLAPSE"),
    ];

    private static readonly (Protection Protection, string Name)[] ProtectionNames =
    [
        (Protection.None, "none"), (Protection.Read, "r"), (Protection.Write, "w"), (Protection.Read | Protection.Write, "rw"),
    ];

    private static readonly (ThpDisable Disable, string Name)[] ThpDisableNames =
    [
        (ThpDisable.None, "none"), (ThpDisable.All, "all"), (ThpDisable.ExceptAdvised, "except_advised"),
    ];

    private static readonly (MremapFlags Flag, string Name)[] MremapNames =
    [
        (MremapFlags.MayMove, "MAYMOVE"), (MremapFlags.Fixed, "FIXED"), (MremapFlags.DontUnmap, "DONTUNMAP"),
    ];

    /// <summary>The operation without its process: <c>fork(1)</c>.</summary>
    public static string Call(in Operation operation)
    {
        string page = PageName(operation.Address);
        string range = string.Create(CultureInfo.InvariantCulture, $"{page}, {operation.Length}");
        return operation.Kind switch
        {
            OperationKind.Mmap => $"mmap({range}, {NameOf(operation.Protection)})",
            OperationKind.Munmap => $"munmap({range})",
            OperationKind.Madvise => $"madvise({range}, {NameOf(operation.Advice)})",
            OperationKind.Read => $"read({page})",
            OperationKind.Write => string.Create(CultureInfo.InvariantCulture, $"write({page}, {operation.Value})"),
            OperationKind.WriteRange => string.Create(CultureInfo.InvariantCulture, $"write_range({range}, {operation.Value})"),
            OperationKind.Mprotect => $"mprotect({range}, {NameOf(operation.Protection)})",
            OperationKind.Mremap => string.Create(
                CultureInfo.InvariantCulture,
                $"mremap({range}, {operation.NewLength}, {NameOf(operation.MremapFlags)}, {PageName(operation.NewAddress)})"),
            OperationKind.Get => string.Create(CultureInfo.InvariantCulture, $"get({operation.Handle}, {range})"),
            OperationKind.Put => string.Create(CultureInfo.InvariantCulture, $"put({operation.Handle})"),
            OperationKind.Pin => string.Create(CultureInfo.InvariantCulture, $"pin({operation.Handle}, {range})"),
            OperationKind.Unpin => string.Create(CultureInfo.InvariantCulture, $"unpin({operation.Handle})"),
            OperationKind.PinRead => string.Create(CultureInfo.InvariantCulture, $"pin_read({operation.Handle}, {range})"),
            OperationKind.ReadRemote => $"read_remote({range})",
            OperationKind.ForceRead => $"force_read({page})",
            OperationKind.ForceWrite => string.Create(CultureInfo.InvariantCulture, $"force_write({page}, {operation.Value})"),
            OperationKind.Mlock => $"mlock({range})",
            OperationKind.MlockOnFault => $"mlock_onfault({range})",
            OperationKind.Munlock => $"munlock({range})",
            OperationKind.UffdRegister => $"uffd_register({range})",
            OperationKind.UffdUnregister => $"uffd_unregister({range})",
            OperationKind.UffdWriteProtect => $"uffd_wp({range}, {(operation.Protects ? "on" : "off")})",
            OperationKind.ClearSoftDirty => "clear_soft_dirty()",
            OperationKind.ThpDisable => $"thp_disable({NameOf(operation.ThpDisable)})",
            OperationKind.Fork => string.Create(CultureInfo.InvariantCulture, $"fork({operation.Child})"),
            OperationKind.Exit => "exit()",
            OperationKind.SetThp => $"thp({OrderName(operation.Order)}, {NameOf(operation.Mode)})",
            OperationKind.FailAllocation => string.Create(CultureInfo.InvariantCulture, $"fail_allocation({operation.Order})"),
            OperationKind.Khugepaged => $"khugepaged({page})",
            OperationKind.DetectAccess => $"detect_access({page})",
            OperationKind.MmapFile => $"mmap_file({range}, {NameOf(operation.Protection)}, {PageName(operation.NewAddress)})",
            OperationKind.NumaHint => $"numa_hint({range})",
            OperationKind.SplitFolio => string.Create(CultureInfo.InvariantCulture, $"split_folio({page}, {operation.Order})"),
            OperationKind.ShrinkDeferred => string.Create(CultureInfo.InvariantCulture, $"shrink_deferred({operation.Length})"),
            OperationKind.ShrinkHugeZero => "shrink_huge_zero()",
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
    }

    /// <summary>The operation as a line of a scenario file.</summary>
    public static string Line(in Operation operation) =>
        IsEnvironment(operation.Kind) ? "- " + Call(operation) : string.Create(CultureInfo.InvariantCulture, $"{operation.Process} {Call(operation)}");

    /// <summary>What statistics count the operation under: its call, with the advice of a madvise.</summary>
    public static string KindName(in Operation operation) => operation.Kind switch
    {
        OperationKind.Madvise => "madvise " + NameOf(operation.Advice),
        _ => CallName(operation),
    };

    private static string CallName(in Operation operation)
    {
        string call = Call(operation);
        return call[..call.IndexOf('(')];
    }

    /// <summary>Name of what a process asks of large folios.</summary>
    public static string NameOf(ThpDisable disable) => ThpDisableNames.First(pair => pair.Disable == disable).Name;

    /// <summary>Name of an advice, as in madvise(2) without MADV_.</summary>
    public static string NameOf(Advice advice) => AdviceNames.First(pair => pair.Advice == advice).Name;

    /// <summary>Name of access rights.</summary>
    public static string NameOf(Protection protection) => ProtectionNames.First(pair => pair.Protection == protection).Name;

    /// <summary>Names of mremap flags, without MREMAP_, joined by "|".</summary>
    public static string NameOf(MremapFlags flags)
    {
        IEnumerable<string> names = MremapNames.Where(pair => (flags & pair.Flag) != 0).Select(pair => pair.Name);
        return flags == MremapFlags.None ? "0" : string.Join('|', names);
    }

    /// <summary>Name of a THP mode, as in sysfs.</summary>
    public static string NameOf(ThpMode mode) => mode.ToString().ToLowerInvariant();

    /// <summary>Whether the environment does it, not a process.</summary>
    public static bool IsEnvironment(OperationKind kind) =>
        kind is OperationKind.SetThp or OperationKind.FailAllocation or OperationKind.ShrinkDeferred or OperationKind.ShrinkHugeZero;

    /// <summary>Reads a call: the reverse of <see cref="Call"/>.</summary>
    /// <param name="process">The acting process.</param>
    /// <param name="text">The call.</param>
    /// <param name="operation">The operation.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Parse(int process, string text, out Operation operation)
    {
        operation = default;
        int open = text.IndexOf('(');
        if (open < 0 || !text.EndsWith(')'))
            return $"'{text}' is not a call: name(arguments)";
        string name = text[..open];
        string inside = text[(open + 1)..^1].Trim();
        string[] arguments = inside.Length == 0 ? [] : inside.Split(',', StringSplitOptions.TrimEntries);
        if (!Calls.TryGetValue(name, out Signature? signature))
            return $"unknown call '{name}'";
        if (arguments.Length != signature.Arguments.Length)
            return $"{name} takes {signature.Arguments.Length} arguments ({string.Join(", ", signature.Arguments)}), not {arguments.Length}";

        var values = new long[arguments.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (!ParseArgument(signature.Arguments[i], arguments[i], out values[i]))
                return $"'{arguments[i]}' is not a valid {signature.Arguments[i]}";
        }
        operation = signature.Make(process, values);
        return null;
    }

    private sealed record Signature(string[] Arguments, Func<int, long[], Operation> Make);

    private static readonly Dictionary<string, Signature> Calls = new(StringComparer.Ordinal)
    {
        ["mmap"] = new(["page", "length", "protection"], (p, a) => Operation.Mmap(p, a[0], a[1], (Protection)a[2])),
        ["mmap_file"] = new(["page", "length", "protection", "page"], (p, a) => Operation.MmapFile(p, a[0], a[1], a[3], (Protection)a[2])),
        ["munmap"] = new(["page", "length"], (p, a) => Operation.Munmap(p, a[0], a[1])),
        ["madvise"] = new(["page", "length", "advice"], (p, a) => Operation.Madvise(p, a[0], a[1], (Advice)a[2])),
        ["read"] = new(["page"], (p, a) => Operation.Read(p, a[0])),
        ["write"] = new(["page", "token"], (p, a) => Operation.Write(p, a[0], (int)a[1])),
        ["write_range"] = new(["page", "length", "token"], (p, a) => Operation.WriteRange(p, a[0], a[1], (int)a[2])),
        ["mprotect"] = new(["page", "length", "protection"], (p, a) => Operation.Mprotect(p, a[0], a[1], (Protection)a[2])),
        ["mremap"] = new(
            ["page", "length", "length", "mremap flag", "page"], (p, a) => Operation.Mremap(p, a[0], a[1], a[2], (MremapFlags)a[3], a[4])),
        ["get"] = new(["handle", "page", "length"], (p, a) => Operation.Get(p, (int)a[0], a[1], a[2])),
        ["put"] = new(["handle"], (p, a) => Operation.Put(p, (int)a[0])),
        ["pin"] = new(["handle", "page", "length"], (p, a) => Operation.Pin(p, (int)a[0], a[1], a[2])),
        ["unpin"] = new(["handle"], (p, a) => Operation.Unpin(p, (int)a[0])),
        ["pin_read"] = new(["handle", "page", "length"], (p, a) => Operation.PinRead(p, (int)a[0], a[1], a[2])),
        ["read_remote"] = new(["page", "length"], (p, a) => Operation.ReadRemote(p, a[0], a[1])),
        ["force_read"] = new(["page"], (p, a) => Operation.ForceRead(p, a[0])),
        ["force_write"] = new(["page", "token"], (p, a) => Operation.ForceWrite(p, a[0], (int)a[1])),
        ["mlock"] = new(["page", "length"], (p, a) => Operation.Mlock(p, a[0], a[1])),
        ["mlock_onfault"] = new(["page", "length"], (p, a) => Operation.MlockOnFault(p, a[0], a[1])),
        ["munlock"] = new(["page", "length"], (p, a) => Operation.Munlock(p, a[0], a[1])),
        ["uffd_register"] = new(["page", "length"], (p, a) => Operation.UffdRegister(p, a[0], a[1])),
        ["uffd_unregister"] = new(["page", "length"], (p, a) => Operation.UffdUnregister(p, a[0], a[1])),
        ["uffd_wp"] = new(["page", "length", "on or off"], (p, a) => Operation.UffdWriteProtect(p, a[0], a[1], a[2] != 0)),
        ["clear_soft_dirty"] = new([], (p, a) => Operation.ClearSoftDirty(p)),
        ["thp_disable"] = new(["none, all or except_advised"], (p, a) => Operation.DisableThp(p, (ThpDisable)a[0])),
        ["fork"] = new(["process"], (p, a) => Operation.Fork(p, (int)a[0])),
        ["exit"] = new([], (p, a) => Operation.Exit(p)),
        ["thp"] = new(["order", "mode"], (p, a) => Operation.SetThp((int)a[0], (ThpMode)a[1])),
        ["fail_allocation"] = new(["order"], (p, a) => Operation.FailAllocation((int)a[0])),
        ["khugepaged"] = new(["page"], (p, a) => Operation.Khugepaged(p, a[0])),
        ["detect_access"] = new(["page"], (p, a) => Operation.DetectAccess(p, a[0])),
        ["numa_hint"] = new(["page", "length"], (p, a) => Operation.NumaHint(p, a[0], a[1])),
        ["split_folio"] = new(["page", "order"], (p, a) => Operation.SplitFolio(p, a[0], (int)a[1])),
        ["shrink_deferred"] = new(["length"], (p, a) => Operation.ShrinkDeferred(a[0])),
        ["shrink_huge_zero"] = new([], (p, a) => Operation.ShrinkHugeZero()),
    };

    private static bool ParseArgument(string type, string text, out long value)
    {
        value = 0;
        switch (type)
        {
            case "advice":
                int advice = Array.FindIndex(AdviceNames, pair => pair.Name == text);
                value = advice < 0 ? 0 : (long)AdviceNames[advice].Advice;
                return advice >= 0;
            case "protection":
                int protection = Array.FindIndex(ProtectionNames, pair => pair.Name == text);
                value = protection < 0 ? 0 : (long)ProtectionNames[protection].Protection;
                return protection >= 0;
            case "mode":
                bool known = ParseMode(text, out ThpMode mode);
                value = (long)mode;
                return known;
            case "mremap flag":
                return ParseMremapFlags(text, out value);
            case "on or off":
                value = text == "on" ? 1 : 0;
                return text is "on" or "off";
            case "none, all or except_advised":
                int disable = Array.FindIndex(ThpDisableNames, pair => pair.Name == text);
                value = disable < 0 ? 0 : (long)ThpDisableNames[disable].Disable;
                return disable >= 0;
            case "order" when text == "global":
                value = Operation.GlobalOrder;
                return true;
            case "page" or "length":
                return ParseNumber(text, out value);
            default:
                return ParseNumber(text, out value) && value is >= int.MinValue and <= int.MaxValue;
        }
    }

    private static bool ParseMremapFlags(string text, out long value)
    {
        value = 0;
        if (text == "0")
            return true;
        foreach (string word in text.Split('|'))
        {
            int flag = Array.FindIndex(MremapNames, pair => pair.Name == word);
            if (flag < 0)
                return false;
            value |= (long)MremapNames[flag].Flag;
        }
        return true;
    }

    /// <summary>Reads a THP mode.</summary>
    internal static bool ParseMode(string text, out ThpMode mode) =>
        Enum.TryParse(text, ignoreCase: true, out mode) && Enum.IsDefined(mode) && text == NameOf(mode);

    private static bool ParseNumber(string text, out long value) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static string PageName(long page) =>
        page < 0 ? page.ToString(CultureInfo.InvariantCulture) : "0x" + page.ToString("x", CultureInfo.InvariantCulture);

    private static string OrderName(int order) => order == Operation.GlobalOrder ? "global" : order.ToString(CultureInfo.InvariantCulture);
}
