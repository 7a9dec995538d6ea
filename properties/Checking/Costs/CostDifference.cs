using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What two layers count differently first.</summary>
/// <param name="Index">Index of the operation.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Kind">Name of the count, or "outcome".</param>
/// <param name="Expected">The reference's.</param>
/// <param name="Found">The other layer's.</param>
public sealed record CostDifference(int Index, Operation Operation, string Kind, string Expected, string Found)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"step {Index + 1}, {OperationText.Line(Operation)}: {Kind}: expected {Expected}, found {Found}");
}
