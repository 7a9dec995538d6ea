using FolioCheck.Implementation;
using FolioCheck.Kernel;
using Xunit;

namespace FolioCheck.Properties.Tests.Structure;

/// <summary>What the README claims of operations is what the transcripts show.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Operations_are_listed_as_they_are_verified()
    {
        var verified = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(RepositoryRoot.File("properties", "corpus", "transcripts"), "*.jsonl.gz"))
            AddAgreed(path, verified);
        SortedDictionary<string, string> table = ReadTable();
        Assert.Equal(Tally.Promised.Keys, table.Keys);
        foreach ((string operation, string state) in table)
            Assert.Equal((operation, verified.Contains(operation) ? "kernel-verified" : "specification only"), (operation, state));
    }

    private static void AddAgreed(string path, SortedSet<string> verified)
    {
        using Transcript transcript = Transcript.Open(path);
        var replay = new TranscriptReplay(transcript.Header, OptimizedMemory.Create);
        foreach (TranscriptRecord record in transcript.Records())
        {
            replay.Step(record);
            if (!replay.Stopped)
                verified.Add(OperationText.KindName(OperationTranslation.Translate(record.Operation).Operation));
        }
    }

    /// <summary>Rows of the table under "What is modelled": name and state.</summary>
    private static SortedDictionary<string, string> ReadTable()
    {
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(RepositoryRoot.File("README.md")))
        {
            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length == 4 && cells[2] is ("kernel-verified" or "specification only"))
                rows.Add(cells[1].Split(" (")[0], cells[2]);
        }
        return rows;
    }

    /// <summary>No tracked file names a path of one machine or a file outside the repository.</summary>
    [Fact]
    public void Nothing_names_a_machine()
    {
        string[] forbidden = ["/" + "work/", "/" + "root/", "/" + "home/", "kernel-" + "oracle", "../" + "shared"];
        string[] endings = [".cs", ".md", ".csproj", ".props", ".json", ".scenario", ".bug", ".sln"];
        foreach (string path in Directory.EnumerateFiles(RepositoryRoot.Path, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(RepositoryRoot.Path, path);
            bool built = relative.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or ".git" or "StrykerOutput" or "TestResults");
            if (built || !endings.Contains(Path.GetExtension(path)))
                continue;
            string text = File.ReadAllText(path);
            Assert.All(forbidden, word => Assert.False(text.Contains(word, StringComparison.Ordinal), $"{relative} names {word}"));
        }
    }
}
