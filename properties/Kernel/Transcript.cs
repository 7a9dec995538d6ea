using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using FolioCheck.Properties;

namespace FolioCheck.Kernel;

/// <summary>
/// A transcript file, <c>.jsonl</c> or <c>.jsonl.gz</c>, read record by record. Whatever is not exactly as the format says is refused with
/// a <see cref="BadInputException"/> that names the line.
/// </summary>
public sealed class Transcript : IDisposable
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    private readonly TranscriptLines _lines;
    private int _records;

    private Transcript(TranscriptLines lines)
    {
        _lines = lines;
        Header = ReadLine(HeaderParser.Parse) ?? throw new BadInputException(_lines.Position.Path, 0, "the file is empty");
    }

    /// <summary>Line 1.</summary>
    public TranscriptHeader Header { get; }

    /// <summary>Opens a file and reads its header.</summary>
    public static Transcript Open(string path)
    {
        TranscriptLines lines = TranscriptLines.Open(path);
        try
        {
            return new Transcript(lines);
        }
        catch
        {
            lines.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next record.</summary>
    /// <returns>False after the last.</returns>
    public bool TryRead([NotNullWhen(true)] out TranscriptRecord? record)
    {
        record = ReadLine(members => RecordParser.Parse(members, _lines.Position.Line, _records));
        if (record is null)
            CheckCount();
        else
            _records++;
        return record is not null;
    }

    /// <summary>The records that have not been read yet.</summary>
    public IEnumerable<TranscriptRecord> Records()
    {
        while (TryRead(out TranscriptRecord? record))
            yield return record;
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private void CheckCount()
    {
        if (Header.Records is { } exact && exact != _records)
            throw _lines.Position.Error($"the header promises {exact} records; there are {_records}");
        if (_records < Header.DrawnOperations)
            throw _lines.Position.Error($"the header promises at least {Header.DrawnOperations} records; there are {_records}");
    }

    private T? ReadLine<T>(Func<JsonMembers, T> parse)
        where T : class
    {
        if (!_lines.TryRead(out ReadOnlyMemory<byte> line))
            return null;
        InputPosition position = _lines.Position;
        using JsonDocument document = ParseJson(line, position);
        try
        {
            return parse(new JsonValue(document.RootElement, position, "line").Object());
        }
        catch (InvalidOperationException cause)
        {
            throw position.Error("the line has a text that is not Unicode: " + cause.Message);
        }
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> line, InputPosition position)
    {
        if (!Utf8.IsValid(line.Span))
            throw position.Error("the line is not UTF-8");
        try
        {
            return JsonDocument.Parse(line, _strict);
        }
        catch (JsonException cause)
        {
            throw position.Error("the line is not JSON: " + cause.Message);
        }
    }
}
