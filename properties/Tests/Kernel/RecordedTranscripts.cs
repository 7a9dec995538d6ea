namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>The recorded transcripts of the corpus.</summary>
internal static class RecordedTranscripts
{
    private static readonly string _directory = Path.Combine(RepositoryRoot(), "properties", "corpus", "transcripts");

    /// <summary>Names of all transcripts, such as <c>cow-1</c>.</summary>
    public static IEnumerable<string> Names =>
        Directory.GetFiles(_directory, "*.jsonl.gz").Select(path => Path.GetFileName(path).Split('.')[0]).Order(StringComparer.Ordinal);

    /// <summary>The file of a transcript.</summary>
    public static string PathOf(string name) => Path.Combine(_directory, name + ".jsonl.gz");

    private static string RepositoryRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Verify.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("Verify.sln is in no directory above the tests");
    }
}
