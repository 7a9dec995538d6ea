namespace FolioCheck.Properties;

/// <summary>Input that cannot be used: which file, which line (1-based; 0 for the file as a whole) and why.</summary>
public sealed class BadInputException : Exception
{
    /// <summary>Input that cannot be used.</summary>
    /// <param name="path">The file as the user named it.</param>
    /// <param name="line">1-based line, or 0 for the file as a whole.</param>
    /// <param name="reason">Why, in one sentence without a full stop.</param>
    public BadInputException(string path, int line, string reason)
        : base(line > 0 ? $"{path}:{line}: {reason}" : $"{path}: {reason}")
    {
        Path = path;
        Line = line;
        Reason = reason;
    }

    /// <summary>The file as the user named it.</summary>
    public string Path { get; }

    /// <summary>1-based line, or 0.</summary>
    public int Line { get; }

    /// <summary>Why.</summary>
    public string Reason { get; }
}
