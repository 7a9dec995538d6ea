using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>An <see cref="Observation"/> taken apart, so that entries can be looked at together with the folios behind them.</summary>
internal sealed class ObservedMemory
{
    public ObservedMemory(Observation observation)
    {
        foreach (ObservationRecord record in observation)
            Add(record.Kind, record.Fields);
    }

    /// <summary>Process numbers, in order.</summary>
    public List<int> Processes { get; } = [];

    /// <summary>VMAs by process and address.</summary>
    public List<ObservedVma> Vmas { get; } = [];

    /// <summary>Folios by canonical id.</summary>
    public SortedDictionary<int, ObservedFolio> Folios { get; } = [];

    /// <summary>Per-size counters, named as in a transcript.</summary>
    public Dictionary<string, long> Counters { get; } = new(StringComparer.Ordinal);

    private ObservedFolio? _lastFolio;

    private void Add(RecordKind kind, ReadOnlySpan<long> fields)
    {
        switch (kind)
        {
            case RecordKind.Machine:
                AddEvents(fields);
                break;
            case RecordKind.Statistics:
                AddCounters(fields);
                break;
            case RecordKind.Process:
                Processes.Add((int)fields[0]);
                break;
            case RecordKind.Vma:
                Vmas.Add(new ObservedVma(Processes[^1], fields));
                break;
            case RecordKind.Ptes:
                Vmas[^1].Runs.Add(ObservedRun.Of(fields));
                break;
            case RecordKind.Smaps:
                Vmas[^1].Smaps = fields.ToArray();
                break;
            case RecordKind.Folio:
                _lastFolio = new ObservedFolio(fields);
                Folios.Add(_lastFolio.Id, _lastFolio);
                break;
            case RecordKind.Mapcounts or RecordKind.Exclusive or RecordKind.Contents:
                _lastFolio!.AddPages(kind, fields);
                break;
            default:
                break;
        }
    }

    /// <summary>Those counters of the machine that transcripts take from /proc/vmstat.</summary>
    private void AddEvents(ReadOnlySpan<long> fields)
    {
        IReadOnlyList<string> names = ObservationLayout.FieldNames(RecordKind.Machine);
        for (int field = 0; field < fields.Length; field++)
        {
            if (_events.TryGetValue(names[field], out string? name))
                Counters.Add(name, fields[field]);
        }
    }

    private static readonly Dictionary<string, string> _events = new(StringComparer.Ordinal)
    {
        ["split pmd"] = "vm.thp_split_pmd",
        ["collapse alloc"] = "vm.thp_collapse_alloc",
        ["collapse alloc failed"] = "vm.thp_collapse_alloc_failed",
        ["zero page alloc"] = "vm.thp_zero_page_alloc",
        ["underused split"] = "vm.thp_underused_split_page",
    };

    private void AddCounters(ReadOnlySpan<long> fields)
    {
        IReadOnlyList<string> names = ObservationLayout.FieldNames(RecordKind.Statistics);
        int kilobytes = TranscriptMachine.Kilobytes((int)fields[0]);
        for (int field = 1; field < fields.Length; field++)
            Counters.Add($"{kilobytes}.{names[field]}", fields[field]);
    }
}
