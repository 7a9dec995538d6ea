using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>One scenario file of a corpus.</summary>
/// <param name="Path">The file.</param>
/// <param name="File">What it says.</param>
public sealed record CorpusEntry(string Path, ScenarioFile File);

/// <summary>
/// A folder of failing scenarios, one text file a finding, named after what fails. A scenario stays when it does not fail any more: then it is a
/// regression test. Files are only ever replaced by shorter ones of the same kind, whole or not at all.
/// </summary>
public sealed class Corpus
{
    private Corpus(string folder, IReadOnlyList<CorpusEntry> entries)
    {
        Folder = folder;
        Entries = entries;
    }

    /// <summary>The folder as the user named it.</summary>
    public string Folder { get; }

    /// <summary>The scenarios, by name of their files.</summary>
    public IReadOnlyList<CorpusEntry> Entries { get; }

    /// <summary>Opens a folder and reads every scenario file in it. A folder that does not exist is an empty corpus; it is made when something is saved.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BadInputException">It is no folder, or a file in it is no scenario.</exception>
    public static Corpus Open(string folder)
    {
        if (File.Exists(folder))
            throw new BadInputException(folder, 0, "is a file, not a folder");
        if (!Directory.Exists(folder))
            return new Corpus(folder, []);
        try
        {
            AtomicFile.RemoveLeftOvers(folder, FailureKind.Ending);
            IEnumerable<string> paths = Directory.GetFiles(folder, "*" + FailureKind.Ending).Order(StringComparer.Ordinal);
            return new Corpus(folder, [.. paths.Select(path => new CorpusEntry(path, Read(path)))]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(folder, 0, exception.Message);
        }
    }

    /// <summary>Saves a failing scenario, unless one of its kind that is no longer is there already.</summary>
    /// <param name="folder">The folder; made if it is not there.</param>
    /// <param name="failure">The scenario.</param>
    public static KeptScenario Keep(string folder, SavedFailure failure)
    {
        string path = Path.Combine(folder, failure.Kind.FileName);
        try
        {
            if (File.Exists(path) && !failure.IsShorterThan(Read(path).Scenario))
                return new KeptScenario(path, Written: false, null);
        }
        catch (BadInputException)
        {
            // What stands there is no scenario: it is replaced.
        }
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new KeptScenario(path, Written: false, exception.Message);
        }
        return AtomicFile.TryWrite(path, failure.Text) is string reason ? new KeptScenario(path, Written: false, reason) : new KeptScenario(path, Written: true, null);
    }

    private static ScenarioFile Read(string path) => ScenarioText.Read(path, ReplayCommand.ReadLines(path));
}

/// <summary>What became of a scenario that was to be saved.</summary>
/// <param name="Path">The file of its kind.</param>
/// <param name="Written">Whether it was written; if not, and nothing is wrong, the file holds one that is no longer.</param>
/// <param name="Wrong">Why it could not be written, or null.</param>
public sealed record KeptScenario(string Path, bool Written, string? Wrong)
{
    /// <summary>What is said of it.</summary>
    /// <param name="replay">The beginning of the command that replays it, with a blank after it.</param>
    public string Describe(string replay)
    {
        if (Wrong is not null)
            return $"{Path} could not be written: {Wrong}";
        return (Written ? $"saved: {Path}" : $"known: {Path} has one of this kind that is no longer") + $"\nreplay: {replay}{Path}";
    }
}
