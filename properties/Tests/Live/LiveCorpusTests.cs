using FolioCheck.Cli;
using FolioCheck.Kernel;
using FolioCheck.Live;
using Xunit;

namespace FolioCheck.Properties.Tests.Live;

/// <summary>What this project recorded itself: ten transcripts of each profile at least, and both models agree with each to its end.</summary>
public sealed class LiveCorpusTests
{
    private const int LeastOfEach = 10;

    private static readonly string[] Files = Directory.GetFiles(RepositoryRoot.File("properties", "corpus", "live"), "*.jsonl.gz");

    [Fact]
    public void Each_profile_is_there()
    {
        foreach (RecordingProfile profile in RecordingProfile.All)
        {
            int count = Files.Count(path => Path.GetFileName(path).StartsWith(profile.Name + "-", StringComparison.Ordinal));
            Assert.True(count >= LeastOfEach, $"{profile.Name}: {count}");
        }
    }

    [Fact]
    public void Both_models_agree_to_the_end()
    {
        var output = new StringWriter();
        Assert.True(ReplayCommand.Run(Files, output, output) == ExitCode.Held, output.ToString());
    }

    /// <summary>Every kind of operation that a transcript has a word for and that a program can do was recorded with an effect the models agree with.</summary>
    [Fact]
    public void Every_profile_holds_its_own_operations()
    {
        var recorded = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in Files)
        {
            using Transcript transcript = Transcript.Open(path);
            recorded.UnionWith(transcript.Records().Select(record => OperationText.KindName(OperationTranslation.Translate(record.Operation).Operation)));
        }
        string[] unrecordable =
        [
            "thp", "fail_allocation", "clear_soft_dirty", "pin_read", "khugepaged", "numa_hint", "split_folio", "shrink_deferred", "shrink_huge_zero", "detect_access", "mmap_file",
        ];
        Assert.Empty(Tally.Promised.Keys.Except(recorded).Except(unrecordable));
    }
}
