using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Exec;

/// <summary>The tables of an observation as JSON, and which lies in which.</summary>
internal sealed class AnswerTables(ObservationSubset observed)
{
    /// <summary>Tables of one value a page of a folio.</summary>
    public static readonly RecordKind[] OfPages = [RecordKind.Mapcounts, RecordKind.Exclusive, RecordKind.Contents];

    private static readonly RecordKind[] _outermost =
        [RecordKind.Machine, RecordKind.Statistics, RecordKind.Process, RecordKind.Folio, RecordKind.DeferredQueue];

    /// <summary>What is shown.</summary>
    public ObservationSubset Observed { get; } = observed;

    /// <summary>Members of an observation.</summary>
    public IReadOnlyList<string> Members { get; } = [.. _outermost.Where(observed.Includes).Select(ObservationSubset.TableOf)];

    public AnswerTable Machine { get; } = new(RecordKind.Machine, observed);

    public AnswerTable Statistics { get; } = new(RecordKind.Statistics, observed);

    public AnswerTable Processes { get; } = new(RecordKind.Process, observed, RecordKind.Vma, RecordKind.Ptes, RecordKind.Value);

    public AnswerTable Vmas { get; } = new(RecordKind.Vma, observed, RecordKind.Smaps);

    public AnswerTable Smaps { get; } = new(RecordKind.Smaps, observed);

    public AnswerTable Entries { get; } = new(RecordKind.Ptes, observed);

    public AnswerTable Values { get; } = new(RecordKind.Value, observed);

    public AnswerTable Folios { get; } = new(RecordKind.Folio, observed, OfPages);
}
