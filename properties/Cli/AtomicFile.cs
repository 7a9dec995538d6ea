using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace FolioCheck.Cli;

/// <summary>Writes a file so that a kill leaves either the old one or the new one, never a part.</summary>
/// <remarks>
/// Text goes to a temporary file beside the target, which is then renamed. The temporary is named after the process that writes it, so that two that
/// write into one folder do not meet, and one whose process is gone can be told from one that is being written.
/// </remarks>
public static class AtomicFile
{
    private const string Ending = ".tmp";

    /// <summary>Writes text to a temporary file beside the target, then renames it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes text, or says why it cannot.</summary>
    /// <returns>The reason, or null.</returns>
    public static string? TryWrite(string path, string text) => TryWrite(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes, or says why it cannot.</summary>
    /// <returns>The reason, or null.</returns>
    public static string? TryWrite(string path, byte[] bytes)
    {
        try
        {
            Write(path, bytes);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return exception.Message;
        }
    }

    private static void Write(string path, byte[] bytes)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}{Ending}");
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Removes temporaries that processes which are no more left in a folder; those that may not be removed stay.</summary>
    /// <param name="folder">The folder; it exists.</param>
    /// <param name="ending">How the targets end.</param>
    public static void RemoveLeftOvers(string folder, string ending)
    {
        foreach (string path in Directory.GetFiles(folder, $"*{ending}.*{Ending}"))
        {
            string writer = path[..^Ending.Length].Split('.')[^1];
            if (!int.TryParse(writer, NumberStyles.None, CultureInfo.InvariantCulture, out int process) || IsRunning(process))
                continue;
            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is not read either, so it does no harm.
            }
        }
    }

    private static bool IsRunning(int process)
    {
        try
        {
            using Process running = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
