using System.Text.Json.Nodes;

namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>What a replay must make of a flipped field.</summary>
internal enum FlipEffect
{
    /// <summary>A difference at the flipped record.</summary>
    Difference,

    /// <summary>The end of what is modelled at the flipped record.</summary>
    EndOfModel,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>A change of one recorded value.</summary>
/// <param name="Field">Which field, without the places: <c>pg.flags.X</c>.</param>
/// <param name="Effect">What a replay must make of it.</param>
/// <param name="Apply">Changes a copy of the record, or says that it has no such value.</param>
internal sealed record FieldFlip(string Field, FlipEffect Effect, Func<JsonObject, bool> Apply);
