using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>
/// Holds one system against a transcript. Records are handed in one at a time, so that several systems can follow one reading of the file.
/// </summary>
public sealed class TranscriptReplay
{
    private readonly IMemorySystem _system;
    private readonly RecordComparison _comparison;
    private readonly Transcriber _transcriber;
    private readonly Observation _observation = new();
    private int _operations;
    private int _agreed;
    private ReplayStop? _stop;

    /// <summary>Makes the system, on the machine of the transcript.</summary>
    /// <param name="header">The transcript's header.</param>
    /// <param name="factory">Makes the system.</param>
    /// <param name="profile">What is not compared; without it, <see cref="ComparisonProfile.Linux618"/>.</param>
    /// <param name="quirks">The quirks that the system is to take the recorded kernel to have.</param>
    public TranscriptReplay(TranscriptHeader header, MemorySystemFactory factory, ComparisonProfile? profile = null, Quirks quirks = Quirks.Linux618)
    {
        _comparison = new RecordComparison(profile ?? ComparisonProfile.Linux618);
        Machine machine = TranscriptMachine.Of(header) with { Quirks = quirks };
        _system = factory(machine);
        _transcriber = new Transcriber(machine.Quirks);
        _system.Observe(_observation);
        _transcriber.Begin(_observation);
    }

    /// <summary>Whether the comparison has ended before the end of the transcript.</summary>
    public bool Stopped => _stop is not null;

    /// <summary>How far the system agreed with the records handed in.</summary>
    public ReplayResult Result => new(_operations, _agreed, _comparison.Fields, _stop ?? new ReplayStop.EndOfTranscript());

    /// <summary>
    /// Replays a whole file. It is read to its end even if the comparison ends before, so that a broken file is always refused.
    /// </summary>
    public static ReplayResult Run(string path, MemorySystemFactory factory, ComparisonProfile? profile = null, Quirks quirks = Quirks.Linux618)
    {
        using Transcript transcript = Transcript.Open(path);
        var replay = new TranscriptReplay(transcript.Header, factory, profile, quirks);
        foreach (TranscriptRecord record in transcript.Records())
            replay.Step(record);
        return replay.Result;
    }

    /// <summary>Does the operation of the next record and compares; after the comparison has ended, only counts the operation.</summary>
    public void Step(TranscriptRecord record)
    {
        _operations++;
        if (Stopped)
            return;
        Translation translation = OperationTranslation.Translate(record.Operation);
        string? reason = translation.Reason ?? ModelledStates.WhyNot(record.State);
        if (reason is not null)
            _stop = new ReplayStop.NotModelled(record.Index, record.Line, record.Operation.ToString(), reason);
        else
            Compare(record, translation.Operation);
    }

    private void Compare(TranscriptRecord record, in Operation operation)
    {
        RecordedOutcome outcome = RecordedOutcome.Of(operation, _system.Apply(operation));
        _system.Observe(_observation);
        (IReadOnlyDictionary<string, long> deltas, RecordedState state) = _transcriber.Next(_observation);
        _comparison.Compare(record, outcome, deltas, state);
        if (_comparison.Differences is [var first, ..])
            _stop = new ReplayStop.Differs(record.Index, record.Line, record.Operation.ToString(), first, _comparison.Differences);
        else
            _agreed++;
    }
}
