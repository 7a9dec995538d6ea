using System.Numerics;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Settings that all machines of a run, a hunt or a planted bug have, in the words of a scenario's machine line: <c>arch=arm64 contpte=4</c>.
/// What they do not name is drawn.
/// </summary>
public sealed class MachineSettings
{
    /// <summary>Most frames that any machine has.</summary>
    private const int MostFrames = 1 << 20;

    private readonly (string Key, string Value)[] _pairs;

    private MachineSettings(IEnumerable<(string Key, string Value)> pairs) => _pairs = [.. pairs];

    /// <summary>None: everything is drawn.</summary>
    public static MachineSettings None { get; } = new([]);

    /// <summary>Whether everything is drawn.</summary>
    public bool IsEmpty => _pairs.Length == 0;

    /// <summary>Each setting as <c>key=value</c>, in the order in which they were given.</summary>
    public IEnumerable<string> Words => _pairs.Select(pair => $"{pair.Key}={pair.Value}");

    /// <summary>The reverse of <see cref="ToString"/>.</summary>
    /// <param name="text">Settings with blanks between them.</param>
    /// <param name="settings">The settings; none of them if something is wrong.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Parse(string text, out MachineSettings settings)
    {
        settings = None;
        var pairs = new List<(string Key, string Value)>();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = word.IndexOf('=');
            if (equals <= 0)
                return $"'{ScenarioText.Shorten(word)}' is not key=value";
            string key = word[..equals];
            if (pairs.Exists(pair => pair.Key == key))
                return $"'{key}' is set twice";
            pairs.Add((key, word[(equals + 1)..]));
            if (MachineText.Set(new Machine(), key, word[(equals + 1)..], out string? wrong) is null)
                return wrong;
        }
        var parsed = new MachineSettings(pairs);
        // Anything that the settings leave open would give way: what is wrong now is wrong between themselves.
        if (parsed.Set(parsed.ApplyTo(new Machine())).Validate() is string contradiction)
            return contradiction;
        settings = parsed;
        return null;
    }

    /// <summary>The machine with these settings. What was drawn gives way where it does not fit.</summary>
    /// <param name="drawn">The machine as it was drawn.</param>
    public Machine ApplyTo(Machine drawn)
    {
        Machine machine = Fit(Set(drawn));
        // Tables, frames or a file that were drawn may be too small for what is asked.
        for (int doubled = 0; Set(machine) != machine && doubled < Machine.LargestPmdOrder; doubled++)
        {
            int entries = Math.Min(drawn.EntriesPerTable * 2, 1 << Machine.LargestPmdOrder);
            drawn = drawn with { EntriesPerTable = entries, Frames = Math.Min(Math.Max(drawn.Frames * 2, 8 * entries), MostFrames), FilePages = drawn.FilePages * 2 };
            machine = Fit(Set(drawn));
        }
        return machine;
    }

    /// <summary>The settings with blanks between them, as a machine line has them; empty for none.</summary>
    public override string ToString() => string.Join(' ', Words);

    private Machine Set(Machine machine) =>
        _pairs.Aggregate(machine, (changed, pair) => MachineText.Set(changed, pair.Key, pair.Value, out _)!);

    /// <summary>The machine without what its architecture and its sizes do not allow.</summary>
    internal static Machine Fit(Machine machine)
    {
        bool arm = machine.Arch == Arch.Arm64;
        int order = Math.Min(machine.FileOrder, machine.LargestPteOrder);
        if (machine.FilePages > 0)
            order = Math.Min(order, BitOperations.TrailingZeroCount(machine.FilePages));
        return machine with
        {
            ContPteEntries = Math.Min(machine.ContPteEntries, machine.EntriesPerTable),
            AccessFlags = arm ? machine.AccessFlags : AccessFlags.Hardware,
            Bbml2 = arm && machine.Bbml2,
            SoftDirty = machine.SoftDirty && !arm,
            FilePages = Math.Min(machine.FilePages, machine.Frames),
            FileOrder = order,
            Thp = Fitting(machine.Thp, machine.PmdOrder),
        };
    }

    private static ThpPolicy Fitting(ThpPolicy policy, int largest)
    {
        for (int order = largest + 1; order <= Machine.LargestPmdOrder; order++)
            policy = policy.With(order, ThpMode.Never);
        return policy;
    }
}
