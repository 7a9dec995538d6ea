using System.Text;
using System.Text.Json;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Exec;

/// <summary>Writes complete observations as JSON: what <see cref="ObservationReader"/> reads.</summary>
public sealed class ObservationWriter
{
    private readonly AnswerTables _tables = new(ObservationSubset.Complete);
    private readonly Observation _observation;
    private readonly List<(RecordKind Kind, int Offset, int Count)> _records = [];
    private readonly Utf8JsonWriter _json;
    private int _next;

    private ObservationWriter(Observation observation, Utf8JsonWriter json)
    {
        _observation = observation;
        _json = json;
        foreach (ObservationRecord record in observation)
            _records.Add((record.Kind, record.Offset, record.Fields.Length));
    }

    /// <summary>The observation in one line.</summary>
    public static string Write(Observation observation)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            new ObservationWriter(observation, json).Write();
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void Write()
    {
        _json.WriteStartObject();
        _json.WriteStartObject(_tables.Machine.Name);
        _tables.Machine.Write(_json, Take());
        _json.WriteEndObject();
        WriteRows(_tables.Statistics, () => { });
        WriteRows(_tables.Processes, WriteProcess);
        WriteRows(_tables.Folios, () =>
        {
            foreach (RecordKind kind in AnswerTables.OfPages)
                WriteNumbers(kind);
        });
        WriteNumbers(RecordKind.DeferredQueue);
        _json.WriteEndObject();
    }

    private bool IsNext(RecordKind kind) => _next < _records.Count && _records[_next].Kind == kind;

    private ReadOnlySpan<long> Take()
    {
        (RecordKind _, int offset, int count) = _records[_next++];
        return _observation.Items.Slice(offset, count);
    }

    /// <summary>The rows of a table that come next, each with what follows it in the picture.</summary>
    private void WriteRows(AnswerTable table, Action writeInside)
    {
        _json.WriteStartArray(table.Name);
        while (IsNext(table.Kind))
        {
            _json.WriteStartObject();
            table.Write(_json, Take());
            writeInside();
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
    }

    /// <summary>In the picture each VMA is followed by its entries; as JSON a process has one list of each.</summary>
    private void WriteProcess()
    {
        var entries = new List<long[]>();
        WriteRows(_tables.Vmas, () =>
        {
            while (IsNext(RecordKind.Ptes))
                entries.Add([.. Take()]);
            _json.WriteStartObject(_tables.Smaps.Name);
            _tables.Smaps.Write(_json, Take());
            _json.WriteEndObject();
        });
        _json.WriteStartArray(_tables.Entries.Name);
        foreach (long[] run in entries)
        {
            _json.WriteStartObject();
            _tables.Entries.Write(_json, run);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
    }

    private void WriteNumbers(RecordKind kind)
    {
        _json.WriteStartArray(ObservationSubset.TableOf(kind));
        foreach (long value in Take())
            _json.WriteNumberValue(value);
        _json.WriteEndArray();
    }
}
