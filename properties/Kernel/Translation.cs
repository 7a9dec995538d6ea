using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>A recorded operation in the vocabulary of the models, or why they do not have it.</summary>
/// <param name="Operation">The operation, where <paramref name="Reason"/> is null.</param>
/// <param name="Reason">What is not modelled yet, or null.</param>
public readonly record struct Translation(Operation Operation, string? Reason)
{
    /// <summary>Says that something is not modelled yet.</summary>
    /// <param name="what">The thing, as the subject of the sentence: <c>mremap is</c>.</param>
    public static Translation NotModelled(string what) => new(default, what + " not modelled yet");

    /// <summary>A translated operation.</summary>
    public static implicit operator Translation(Operation operation) => FromOperation(operation);

    /// <summary>A translated operation.</summary>
    public static Translation FromOperation(Operation operation) => new(operation, null);
}
