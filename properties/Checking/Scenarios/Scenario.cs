using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>A machine and a sequence of operations. Operations are total, so every sub-sequence is a scenario too.</summary>
/// <param name="Machine">The machine at the start.</param>
/// <param name="Operations">The operations, in order.</param>
public sealed record Scenario(Machine Machine, IReadOnlyList<Operation> Operations)
{
    /// <summary>Most operations that a scenario file may hold.</summary>
    public const int MostOperations = 1_000_000;

    /// <summary>Whether two scenarios have the same machine and operations.</summary>
    public bool Equals(Scenario? other) => other is not null && Machine == other.Machine && Operations.SequenceEqual(other.Operations);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Machine, Operations.Count);

    /// <summary>The scenario in the text format of scenario files.</summary>
    public override string ToString() => ScenarioText.Write(this);
}
