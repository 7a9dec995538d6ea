using FolioCheck.Implementation;
using FolioCheck.Kernel;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>The models agree with the kernel wherever they can be compared, and the comparison notices when they do not.</summary>
public class TranscriptReplayTests
{
    private const int AgreedOperationsAtLeast = 3974;

    private static readonly Dictionary<string, MemorySystemFactory> _models = new(StringComparer.Ordinal)
    {
        ["reference"] = ReferenceMemory.Create,
        ["optimized"] = OptimizedMemory.Create,
    };

    public static TheoryData<string> Models => [.. _models.Keys];

    public static TheoryData<string> Transcripts => [.. RecordedTranscripts.Names];

    [Theory]
    [MemberData(nameof(Transcripts))]
    public void A_transcript_agrees_with_its_own_playback(string name)
    {
        string path = RecordedTranscripts.PathOf(name);
        ReplayResult result = TranscriptReplay.Run(path, _ => new PlaybackMemory(Read(path)));
        Assert.False(result.Stop is ReplayStop.Differs, result.Stop.ToString());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_agrees_with_every_transcript(string model)
    {
        int agreed = 0;
        foreach (string name in RecordedTranscripts.Names)
        {
            ReplayResult result = TranscriptReplay.Run(RecordedTranscripts.PathOf(name), _models[model]);
            Assert.False(result.Stop is ReplayStop.Differs, $"{name}: {result.Stop}");
            agreed += result.Agreed;
        }
        Assert.True(agreed >= AgreedOperationsAtLeast, $"{agreed} operations agreed");
    }

    /// <summary>A quirk is there because the kernel does it: without it some transcript differs.</summary>
    [Theory]
    [InlineData(Quirks.SplitCountsAsDeferred)]
    [InlineData(Quirks.MoveDropsNeighboursUffd)]
    [InlineData(Quirks.PagemapLooksAtHead)]
    public void Every_quirk_is_seen_in_a_transcript(Quirks quirk)
    {
        ReplayResult Without(string name) => TranscriptReplay.Run(RecordedTranscripts.PathOf(name), ReferenceMemory.Create, quirks: Quirks.Linux618 & ~quirk);
        Assert.Contains(RecordedTranscripts.Names, name => Without(name).Stop is ReplayStop.Differs);
    }

    /// <summary>The kernel's pagemap computes "mapped once" of all pages of a PMD mapping from the first: the page that only the parent maps by now is not shown so.</summary>
    [Fact]
    public void The_pagemap_defect_is_seen_in_a_flag_of_a_page_that_a_pmd_maps()
    {
        string path = RecordedTranscripts.PathOf("pmd-4");
        Assert.False(TranscriptReplay.Run(path, ReferenceMemory.Create).Stop is ReplayStop.Differs);
        ReplayResult result = TranscriptReplay.Run(path, ReferenceMemory.Create, quirks: Quirks.Linux618 & ~Quirks.PagemapLooksAtHead);
        var differs = Assert.IsType<ReplayStop.Differs>(result.Stop);
        // One run without E, where the pages behind the first 448 are mapped once.
        Assert.Equal(new FieldDifference("procs[slot 0].vmas[0x0].pg[0].count", "512", "448"), differs.First);
        Assert.All(differs.All, difference => Assert.Contains(".pg", difference.Path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("partial-4")]
    [InlineData("partial-5")]
    [InlineData("mthp-4")]
    public void Every_flipped_value_is_noticed(string name)
    {
        string path = RecordedTranscripts.PathOf(name);
        IReadOnlyList<TranscriptRecord> records = Read(path);
        AssertAllKinds(new FlipCheck(name, _ => new PlaybackMemory(records)).Run());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_flipped_value_is_noticed_with_a_model(string model) =>
        AssertAllKinds(new FlipCheck("partial-5", _models[model]).Run());

    [Fact]
    public void Two_systems_can_follow_one_reading()
    {
        string path = RecordedTranscripts.PathOf("cow-1");
        using Transcript transcript = Transcript.Open(path);
        var first = new TranscriptReplay(transcript.Header, ReferenceMemory.Create);
        var second = new TranscriptReplay(transcript.Header, _ => new PlaybackMemory(Read(path)));
        foreach (TranscriptRecord record in transcript.Records())
        {
            first.Step(record);
            second.Step(record);
        }
        Assert.Equal(first.Result, second.Result);
        Assert.IsType<ReplayStop.EndOfTranscript>(first.Result.Stop);
        Assert.Equal(transcript.Header.Records, first.Result.Agreed);
    }

    [Fact]
    public void An_operation_outside_the_vocabulary_ends_the_replay_with_its_reason()
    {
        ReplayResult result = TranscriptReplay.Run(RecordedTranscripts.PathOf("errno-1"), ReferenceMemory.Create);
        Assert.Equal(new ReplayStop.NotModelled(6, 8, "memfd 0 1 1", "memfd is not modelled yet"), result.Stop);
        Assert.Equal((6, 36), (result.Agreed, result.Operations));
    }

    [Fact]
    public void A_state_outside_the_model_is_named()
    {
        using Transcript transcript = Transcript.Open(RecordedTranscripts.PathOf("cow-1"));
        TranscriptRecord first = transcript.Records().First();
        RecordedProcess process = first.State.Processes[0];
        RecordedVma swapped = process.Vmas[0] with { Runs = [new RecordedRun(0, 1, 'S', 0, 0, "")] };
        var replay = new TranscriptReplay(transcript.Header, ReferenceMemory.Create);
        replay.Step(first with { State = new RecordedState([process with { Vmas = [swapped] }], []) });
        Assert.Equal(new ReplayStop.NotModelled(0, 2, first.Operation.ToString(), "swap entries are not modelled yet"), replay.Result.Stop);
    }

    [Fact]
    public void Every_exclusion_has_a_reason() =>
        Assert.All(ComparisonProfile.Linux618.Exclusions, exclusion => Assert.NotEmpty(exclusion.Reason));

    private static List<TranscriptRecord> Read(string path)
    {
        using Transcript transcript = Transcript.Open(path);
        return [.. transcript.Records()];
    }

    private static void AssertAllKinds(HashSet<string> flipped)
    {
        // A word that is everywhere cannot be put in, and one that is nowhere cannot be taken out.
        IEnumerable<string> kinds = FieldFlips.All(0).Select(flip => flip.Field);
        Assert.Equal(["folios.t.anon"], kinds.Except(flipped).Where(field => !field.EndsWith(".removed", StringComparison.Ordinal)));
    }
}
