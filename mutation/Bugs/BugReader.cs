using System.Text.RegularExpressions;
using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>
/// Reads a bug file: five headers in this order (<c>id:</c>, <c>from:</c>, <c>wrong:</c>, <c>file:</c>, <c>member:</c>), <c>machine:</c>
/// where machines need some settings, then <c>--- old</c>, a snippet, <c>--- new</c>, a snippet. Anything else is refused.
/// </summary>
public static partial class BugReader
{
    private const string OldMark = "--- old";
    private const string MachineHeader = "machine:";
    private const string NewMark = "--- new";
    private static readonly string[] _headers = ["id", "from", "wrong", "file", "member"];

    /// <summary>Reads a bug.</summary>
    /// <param name="path">The file as the user named it; its name must be the id.</param>
    /// <param name="text">Its text.</param>
    /// <exception cref="BadInputException">The text is no bug.</exception>
    public static PlantedBug Read(string path, string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        string[] values = [.. _headers.Select((name, index) => Header(path, lines, index, name))];
        Check(path, 1, IdPattern().IsMatch(values[0]), $"'{values[0]}' is no id: lower-case letters, digits and hyphens");
        Check(path, 1, Path.GetFileNameWithoutExtension(path) == values[0], $"the id '{values[0]}' is not the file's name");
        Check(path, 4, FilePattern().IsMatch(values[3]), $"'{values[3]}' is no file in implementation/Core or reference/Model");
        int old = _headers.Length;
        MachineSettings settings = MachineSettings.None;
        if (old < lines.Length && lines[old].StartsWith(MachineHeader, StringComparison.Ordinal))
        {
            string? wrong = MachineSettings.Parse(Header(path, lines, old, MachineHeader.TrimEnd(':')), out settings);
            Check(path, old + 1, wrong is null, wrong ?? "");
            old++;
        }
        Check(path, old + 1, old < lines.Length && lines[old] == OldMark, $"'{OldMark}' is expected here");
        int @new = Array.IndexOf(lines, NewMark, old);
        Check(path, lines.Length, @new >= 0, $"there is no '{NewMark}'");
        Check(path, @new + 1, !lines.Skip(@new + 1).Any(line => line is OldMark or NewMark), "only one old and one new snippet are allowed");
        string before = string.Join('\n', lines[(old + 1)..@new]);
        string after = string.Join('\n', lines[(@new + 1)..]);
        Check(path, old + 1, !string.IsNullOrWhiteSpace(before), "the old snippet is empty");
        Check(path, @new + 1, Snippet.Normalise(before) != Snippet.Normalise(after), "the new snippet is the old one");
        return new PlantedBug
        {
            Id = values[0],
            From = values[1],
            Wrong = values[2],
            File = values[3],
            Member = values[4],
            Settings = settings,
            Old = before,
            New = after,
            Path = path,
            OldLine = old + 2,
            NewLine = @new + 2,
        };
    }

    private static string Header(string path, string[] lines, int index, string name)
    {
        string line = index < lines.Length ? lines[index] : "";
        Check(path, index + 1, line.StartsWith(name + ": ", StringComparison.Ordinal), $"'{name}: ' is expected here");
        string value = line[(name.Length + 2)..].Trim();
        Check(path, index + 1, value.Length > 0, $"'{name}' is empty");
        return value;
    }

    private static void Check(string path, int line, bool holds, string reason)
    {
        if (!holds)
            throw new BadInputException(path, line, reason);
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex IdPattern();

    [GeneratedRegex("^(implementation/Core|reference/Model)/[A-Za-z]+\\.cs$")]
    private static partial Regex FilePattern();
}
