using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>What the scenarios of properties/corpus/costs cost, which are built into the program. Each is counted once, on every layer.</summary>
/// <param name="layers">The layers that have to count the same.</param>
internal sealed class KnownCosts(IReadOnlyList<CountedLayer> layers)
{
    private readonly Dictionary<string, ScenarioCost> _costs = new(StringComparer.Ordinal);
    private readonly List<string> _differences = [];

    /// <summary>What layers counted differently so far.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>What a scenario costs.</summary>
    /// <param name="name">Its name, without folder and ending.</param>
    public ScenarioCost Of(string name)
    {
        if (_costs.TryGetValue(name, out ScenarioCost? known))
            return known;
        string file = name + ".scenario";
        Scenario scenario = ScenarioText.Read(file, Resource.Read("costs/" + file).Split('\n')).Scenario;
        ScenarioCost cost = CountedLayers.Count(layers, scenario, out string? difference);
        if (difference is not null)
            _differences.Add($"{file}: {difference}");
        _costs.Add(name, cost);
        return cost;
    }
}
