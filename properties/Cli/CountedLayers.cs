using FolioCheck.Implementation;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary>A layer whose micro-steps are counted.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Create">Makes one.</param>
public sealed record CountedLayer(string Name, ObservedMemorySystemFactory Create);

/// <summary>The layers that have to count the same. The first one's counts are shown.</summary>
public static class CountedLayers
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<CountedLayer> All { get; } =
    [
        new("reference", ReferenceMemory.Create),
        new("implementation", OptimizedMemory.Create),
    ];

    /// <summary>Counts a scenario on every layer.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="scenario">The scenario.</param>
    /// <param name="difference">What is different, and on which layer; null if all count the same.</param>
    /// <returns>What the first layer counts.</returns>
    public static ScenarioCost Count(IReadOnlyList<CountedLayer> layers, Scenario scenario, out string? difference)
    {
        ScenarioCost cost = ScenarioCost.Of(scenario, layers[0].Create);
        difference = layers.Skip(1)
            .Select(layer => cost.DifferenceTo(ScenarioCost.Of(scenario, layer.Create)) is CostDifference found ? $"the {layer.Name} counts otherwise at {found}" : null)
            .FirstOrDefault(found => found is not null);
        return cost;
    }
}
