namespace FolioCheck.Kernel;

/// <summary>A recorded field that is not compared.</summary>
/// <param name="Field">Its name; a star at the end stands for every name that begins so.</param>
/// <param name="Reason">Why no model can be held against it.</param>
public sealed record Exclusion(string Field, string Reason);

/// <summary>
/// What of a transcript is compared: everything but a list of exclusions, each with its reason. Nothing is masked anywhere else.
/// </summary>
public sealed class ComparisonProfile
{
    private const string MachineWide = "global to the recording machine: any other program moves it";
    private const string Doubled = "a per-size counter of 2048 kB says the same";
    private const string Aged = "an aging thread of the kernel (kdamond) clears accessed bits at any time, and this follows from them";

    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>Makes a profile.</summary>
    public ComparisonProfile(string name, IReadOnlyList<Exclusion> exclusions)
    {
        Name = name;
        Exclusions = exclusions;
    }

    /// <summary>What holds between the models and Linux 6.18.</summary>
    public static ComparisonProfile Linux618 => new(
        "linux-6.18",
        [
            new("x", "memory of the recording program itself"),
            new("d.vm.psw*", MachineWide),
            new("d.vm.pglazyfreed", MachineWide),
            new("d.vm.thp_fault_*", Doubled),
            new("d.vm.thp_deferred_split_page", Doubled),
            new("d.vm.thp_split_page*", Doubled),
            new("sm.Referenced", Aged),
            new("sm.Pss", "rounded down from fractions of pages; the mapcounts that it is made of are compared"),
            new("kf.referenced", Aged),
            new("kf.active", Aged),
            new("kf.idle", Aged),
            new("pg.young", Aged + "; not recorded"),
        ]);

    /// <summary>What can be compared with Linux 6.18 seen from outside: by /proc, without bpf(2).</summary>
    public static ComparisonProfile Linux618FromOutside => Linux618.Without(
        "linux-6.18-from-outside",
        [.. InsideFields.Select(name => new Exclusion(name, "seen from inside only"))]);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What is not compared.</summary>
    public IReadOnlyList<Exclusion> Exclusions { get; }

    /// <summary>This profile while some size is set to always, so that every program of the machine gets such folios.</summary>
    public ComparisonProfile WithForeignFolios() => Without(Name + "-foreign-folios", [new("d.*", "a size that is set to always is given to every program of the machine")]);

    /// <summary>This profile where the huge zero page was there already when the scenario began.</summary>
    public ComparisonProfile WithForeignZeroPage() => Without(Name + "-foreign-zero-page", [new("d.vm.thp_zero_page_alloc", "another program of the machine holds the huge zero page")]);

    private static string[] InsideFields =>
        ["pg.X", "pg.N", "pg.W", "pg.D", "pg.P", "rc", "tok", "lmc", "emc", "npm", "mm", "sh", "pin", "pm", "dq"];

    private ComparisonProfile Without(string name, IReadOnlyList<Exclusion> more) => new(name, [.. Exclusions, .. more]);

    /// <summary>Whether a field is compared.</summary>
    /// <param name="field">Its name, as exclusions have it: <c>sm.Rss</c>, <c>d.64.split</c>, <c>kf.lru</c>.</param>
    public bool Compares(string field)
    {
        if (!_known.TryGetValue(field, out bool compares))
            _known[field] = compares = !Exclusions.Any(exclusion => Covers(exclusion.Field, field));
        return compares;
    }

    private static bool Covers(string pattern, string field) => pattern.EndsWith('*')
        ? field.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1))
        : pattern == field;
}
