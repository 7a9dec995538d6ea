namespace FolioCheck.Cli;

/// <summary>Writes a file so that a kill leaves either the old one or the new one, never a part.</summary>
internal static class AtomicFile
{
    /// <summary>Writes text to a temporary file beside the target, then renames it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void Write(string path, string text)
    {
        string temporary = path + ".tmp";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Writes text, or says why it cannot.</summary>
    /// <returns>The reason, or null.</returns>
    public static string? TryWrite(string path, string text)
    {
        try
        {
            Write(path, text);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return exception.Message;
        }
    }
}
