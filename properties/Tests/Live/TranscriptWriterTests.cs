using FolioCheck.Kernel;
using FolioCheck.Live;
using Xunit;

namespace FolioCheck.Properties.Tests.Live;

/// <summary>A transcript that is read and written is the same transcript.</summary>
public sealed class TranscriptWriterTests
{
    [Theory]
    [InlineData("mix-1")]
    [InlineData("pin-2")]
    [InlineData("swap-3")]
    public void Transcripts_are_written_as_they_were_read(string name)
    {
        string path = RepositoryRoot.File("properties", "corpus", "transcripts", name + ".jsonl.gz");
        string copy = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.jsonl.gz");
        try
        {
            (TranscriptHeader header, List<TranscriptRecord> records) = Read(path);
            TranscriptWriter.Write(copy, header, records, ComparisonProfile.Linux618);
            (_, List<TranscriptRecord> again) = Read(copy);
            var comparison = new RecordComparison(ComparisonProfile.Linux618);
            Assert.Equal(records.Count, again.Count);
            foreach ((TranscriptRecord left, TranscriptRecord right) in records.Zip(again))
            {
                Assert.Equal(left.Operation.ToString(), right.Operation.ToString());
                comparison.Compare(left, right.Outcome, right.Deltas, right.State);
            }
            Assert.Empty(comparison.Differences);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static (TranscriptHeader Header, List<TranscriptRecord> Records) Read(string path)
    {
        using Transcript transcript = Transcript.Open(path);
        return (transcript.Header, [.. transcript.Records()]);
    }
}
