using FolioCheck.Kernel;
using Xunit;

namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>A difference says where it is, in the words of the transcript, and what either side shows.</summary>
public class DifferencePathTests
{
    private const int Step = 5;

    [Fact]
    public void An_outcome_is_named() => AssertFirst(
        "ret: kernel \"err 12\", model \"ok 0\"",
        record => record with { Outcome = new RecordedOutcome(RecordedOutcomeKind.Error, 12) });

    [Fact]
    public void A_counter_is_named() =>
        AssertFirst("d.64.split: kernel 2, model 0", record => record with { Deltas = With(record.Deltas, "64.split", 2) });

    [Fact]
    public void A_missing_process_is_counted() =>
        AssertFirst("procs.count: kernel 0, model 1", record => record with { State = record.State with { Processes = [] } });

    [Fact]
    public void A_vma_is_named_by_its_address() =>
        AssertFirst("procs[slot 0].vmas[0x1].fl: kernel \"nh\", model \"hg\"", record => WithVma(record, vma => vma with { Flags = "nh" }));

    [Fact]
    public void A_field_of_smaps_is_named() => AssertFirst(
        "procs[slot 0].vmas[0x1].sm.Locked: kernel 4, model 0",
        record => WithVma(record, vma => vma with { Smaps = With(vma.Smaps, "Locked", 4) }));

    [Fact]
    public void A_run_is_named_by_its_place() => AssertFirst(
        "procs[slot 0].vmas[0x1].pg[0].flags: kernel \"XD\", model \"XWDE\"",
        record => WithVma(record, vma => vma with { Runs = [vma.Runs[0] with { Flags = "XD" }, .. vma.Runs.Skip(1)] }));

    [Fact]
    public void A_field_of_a_folio_is_named() =>
        AssertFirst("folios[0].rc: kernel 9, model 4", record => WithFolio(record, folio => folio with { References = 9 }));

    [Fact]
    public void A_list_is_shown_as_the_transcript_writes_it() => AssertFirst(
        "folios[0].mc: kernel [1,3][0,1], model [1,4]",
        record => WithFolio(record, folio => folio with { Mapcounts = [new CountRun(1, 3), new CountRun(0, 1)] }));

    [Fact]
    public void Kernel_flags_are_a_set_without_those_that_age()
    {
        AssertFirst(
            "folios[0].kf: kernel \"lru\", model \"lru swapbacked thp uptodate\"",
            record => WithFolio(record, folio => folio with { KernelFlags = ["active", "lru"] }));
        string[] reordered = ["idle", "thp", "uptodate", "swapbacked", "active", "lru"];
        AssertAgrees(record => WithFolio(record, folio => folio with { KernelFlags = reordered }));
    }

    private static TranscriptRecord WithVma(TranscriptRecord record, Func<RecordedVma, RecordedVma> change)
    {
        RecordedProcess process = record.State.Processes[0];
        RecordedProcess changed = process with { Vmas = [change(process.Vmas[0]), .. process.Vmas.Skip(1)] };
        return record with { State = record.State with { Processes = [changed, .. record.State.Processes.Skip(1)] } };
    }

    private static TranscriptRecord WithFolio(TranscriptRecord record, Func<RecordedFolio, RecordedFolio> change) =>
        record with { State = record.State with { Folios = [change(record.State.Folios[0]), .. record.State.Folios.Skip(1)] } };

    private static Dictionary<string, long> With(IReadOnlyDictionary<string, long> amounts, string name, long amount) =>
        new(amounts) { [name] = amount };

    private static void AssertFirst(string difference, Func<TranscriptRecord, TranscriptRecord> change)
    {
        var stop = Assert.IsType<ReplayStop.Differs>(Replay(change).Stop);
        Assert.Equal(difference, stop.First.ToString());
        Assert.Equal((Step, Step + 2), (stop.Step, stop.Line));
    }

    private static void AssertAgrees(Func<TranscriptRecord, TranscriptRecord> change) =>
        Assert.IsType<ReplayStop.EndOfTranscript>(Replay(change).Stop);

    private static ReplayResult Replay(Func<TranscriptRecord, TranscriptRecord> change)
    {
        using Transcript transcript = Transcript.Open(RecordedTranscripts.PathOf("mthp-1"));
        List<TranscriptRecord> records = [.. transcript.Records()];
        var replay = new TranscriptReplay(transcript.Header, _ => new PlaybackMemory(records));
        foreach (TranscriptRecord record in records)
            replay.Step(record.Index == Step ? change(record) : record);
        return replay.Result;
    }
}
