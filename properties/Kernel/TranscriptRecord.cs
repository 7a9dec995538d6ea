namespace FolioCheck.Kernel;

/// <summary>One operation of a transcript and what was observed after it.</summary>
/// <param name="Line">Line of the file, from 1.</param>
/// <param name="Index">Number of the record, from 0.</param>
/// <param name="Operation">What was done.</param>
/// <param name="Outcome">What the caller saw.</param>
/// <param name="Deltas">
/// Changes of global counters, none of them zero: <c>64.split_deferred</c> (size in kB), <c>vm.thp_split_page</c>.
/// </param>
/// <param name="State">What was observed.</param>
/// <param name="AgentOverhead">
/// Memory of the recording program itself, by slot; four numbers in kB. Informative; packed transcripts do without.
/// </param>
public sealed record TranscriptRecord(
    int Line,
    int Index,
    RecordedOperation Operation,
    RecordedOutcome Outcome,
    IReadOnlyDictionary<string, long> Deltas,
    RecordedState State,
    IReadOnlyDictionary<string, IReadOnlyList<long>> AgentOverhead);
