namespace FolioCheck.Live;

/// <summary>The live kernel cannot be used, or an agent did not do what it was told. The message says what is missing.</summary>
public sealed class LiveException(string message) : Exception(message);
