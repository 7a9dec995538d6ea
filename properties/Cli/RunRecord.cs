using System.Reflection;
using System.Text.Json.Nodes;
using FolioCheck.Mutation;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>The first case of a run that failed.</summary>
/// <param name="Case">Its number among the cases of all shards, from 0.</param>
/// <param name="Summary">What failed, in one line.</param>
/// <param name="Scenario">The shrunk scenario, as text.</param>
internal sealed record FailedCase(long Case, string Summary, string Scenario);

/// <summary>What a run was: what decides its figures, which part it did, and how it ended. With the figures it is all that reports are joined by.</summary>
/// <param name="Version">Version of the program.</param>
/// <param name="System">What was checked.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Machine">Machines.</param>
/// <param name="Cases">Cases of all shards together; 0 if the time decided.</param>
/// <param name="Guided">Whether features steered.</param>
/// <param name="Shard">The part.</param>
internal sealed record RunRecord(string Version, string System, ulong Seed, MachineChoice Machine, long Cases, bool Guided, Shard Shard)
{
    /// <summary>The version of this program: with the commit, where it was built from one.</summary>
    public static string ThisVersion { get; } =
        typeof(RunRecord).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>What all machines have, as a machine line says it; empty if everything was drawn.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Number of the only law; null for all.</summary>
    public int? Law { get; init; }

    /// <summary>What became of the canary; null if it was left out.</summary>
    public CanaryResult? Canary { get; init; }

    /// <summary>Whether all cases of the shard were done, or one failed.</summary>
    public bool Complete { get; init; }

    /// <summary>The failure; null if all held.</summary>
    public FailedCase? Failure { get; init; }

    /// <summary>The record of a run that is asked for.</summary>
    public static RunRecord Of(CheckOptions options)
    {
        CampaignOptions campaign = options.Campaign;
        long cases = campaign.Time is null ? campaign.Target : 0;
        return new RunRecord(ThisVersion, options.System, campaign.Seed, campaign.Machines, cases, campaign.Guided, campaign.Shard)
        {
            Settings = campaign.Settings.ToString(),
            Law = campaign.Law,
        };
    }

    /// <summary>What two runs must have in common to be parts of one, by name.</summary>
    public IEnumerable<(string Name, string Value)> Common =>
    [
        ("version", Version), ("system", System), ("seed", FormattableString.Invariant($"{Seed}")), ("machine", Machine.ToString().ToLowerInvariant()),
        ("cases", FormattableString.Invariant($"{Cases}")), ("guided", Guided ? "yes" : "no"),
        ("settings", Settings.Length > 0 ? Settings : "drawn"), ("law", Law is int law ? FormattableString.Invariant($"{law}") : "all"),
    ];

    /// <summary>The first thing in which another run differs, in words; null if nothing does.</summary>
    public string? DifferenceFrom(RunRecord other)
    {
        foreach (((string name, string mine), (_, string its)) in Common.Zip(other.Common))
        {
            if (mine != its)
                return $"{name} {mine}, not {its}";
        }
        return null;
    }

    /// <summary>The record as JSON.</summary>
    public JsonObject Write() => new()
    {
        ["version"] = Version,
        ["system"] = System,
        ["seed"] = Seed,
        ["machine"] = Machine.ToString().ToLowerInvariant(),
        ["cases"] = Cases,
        ["guided"] = Guided,
        ["law"] = Law,
        ["settings"] = Settings,
        ["shard"] = Shard.ToString(),
        ["canary"] = Canary is null ? null : new JsonObject { ["text"] = Canary.Text, ["caught"] = Canary.Caught },
        ["complete"] = Complete,
        ["failure"] = Failure is null ? null : new JsonObject { ["case"] = Failure.Case, ["summary"] = Failure.Summary, ["scenario"] = Failure.Scenario },
    };

    /// <summary>Reads a record.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static RunRecord Read(JsonNode? node)
    {
        try
        {
            JsonObject run = (node as JsonObject) ?? throw new FormatException("run is missing");
            if (ShardChoice.Parse(Text(run, "shard"), _ => null, out Shard shard) is string wrong)
                throw new FormatException(wrong);
            return new RunRecord(
                Text(run, "version"), Text(run, "system"), run["seed"]!.GetValue<ulong>(), Enum.Parse<MachineChoice>(Text(run, "machine"), ignoreCase: true),
                run["cases"]!.GetValue<long>(), run["guided"]!.GetValue<bool>(), shard)
            {
                Settings = Text(run, "settings"),
                Law = run["law"]?.GetValue<int>(),
                Canary = run["canary"] is JsonObject canary ? new CanaryResult(Text(canary, "text"), canary["caught"]!.GetValue<bool>()) : null,
                Complete = run["complete"]!.GetValue<bool>(),
                Failure = run["failure"] is JsonObject failure
                    ? new FailedCase(failure["case"]!.GetValue<long>(), Text(failure, "summary"), Text(failure, "scenario"))
                    : null,
            };
        }
        catch (Exception exception) when (exception is NullReferenceException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException("run is not complete");
        }
    }

    private static string Text(JsonObject json, string name) => json[name]?.GetValue<string>() ?? throw new FormatException($"{name} is missing");
}
