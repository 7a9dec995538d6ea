using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>What the system with one bug threw, alone.</summary>
/// <param name="Exception">Name of the exception's type.</param>
/// <param name="Operations">Operations applied until then, the one that threw included.</param>
/// <param name="Observing">Whether it threw only when it was looked at after that operation.</param>
public sealed record KillThrow(string Exception, long Operations, bool Observing);

/// <summary>What notices one bug when the system that has it runs alone, each by itself.</summary>
/// <param name="Bug">The bug.</param>
public sealed record KillRow(PlantedBug Bug)
{
    /// <summary>For each property that fails, operations applied until it failed, the failing one included.</summary>
    public required IReadOnlyDictionary<Property, long> Caught { get; init; }

    /// <summary>The first exception; null if there was none.</summary>
    public KillThrow? Throws { get; init; }

    /// <summary>Operations until abstract memory saw a wrong outcome or value; null if it did not.</summary>
    public long? Values { get; init; }

    /// <summary>The property that fails after the fewest operations, the first of the catalogue among several; null if none does.</summary>
    public Property? First => Catalogue.All.Where(Caught.ContainsKey).MinBy(property => Caught[property]);
}
