namespace FolioCheck.Properties;

/// <summary>A tested system failed as such: it did not answer, or with something that is no answer.</summary>
/// <param name="kind">What happened, without the names of particular things: it stays while a scenario shrinks.</param>
/// <param name="message">What happened, in full.</param>
public sealed class SystemFailureException(string kind, string message) : Exception(message)
{
    /// <summary>What happened, without the names of particular things.</summary>
    public string Kind { get; } = kind;
}
