using System.Text.Json;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Exec;

/// <summary>One table of an observation as JSON: an object a row, a member a field, and members for the tables that belong to a row.</summary>
internal sealed class AnswerTable
{
    private readonly (string Name, int Position)[] _fields;
    private readonly string[] _members;
    private readonly int _width;

    /// <summary>The part of a table that is shown.</summary>
    /// <param name="kind">The table.</param>
    /// <param name="observed">What is shown.</param>
    /// <param name="inside">Tables that belong to a row; those that are not shown have no member.</param>
    public AnswerTable(RecordKind kind, ObservationSubset observed, params RecordKind[] inside)
    {
        string[] names = [.. ObservationSubset.FieldsOf(kind)];
        Kind = kind;
        Name = ObservationSubset.TableOf(kind);
        IsShown = observed.Includes(kind);
        _width = names.Length;
        _fields = [.. names.Select((name, position) => (name, position)).Where(field => observed.IncludesField(kind, field.position))];
        _members = [.. _fields.Select(field => field.Name), .. inside.Where(observed.Includes).Select(ObservationSubset.TableOf)];
    }

    /// <summary>The table.</summary>
    public RecordKind Kind { get; }

    /// <summary>Its name, and that of the member that holds it.</summary>
    public string Name { get; }

    /// <summary>Whether anything of it is shown.</summary>
    public bool IsShown { get; }

    /// <summary>Reads a row; fields that are not shown are 0.</summary>
    public long[] Row(JsonElement row, string path)
    {
        AnswerShape.Check(row, path, _members);
        var values = new long[_width];
        foreach ((string name, int position) in _fields)
        {
            JsonElement member = row.GetProperty(name);
            values[position] = member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long value)
                ? value
                : AnswerShape.Integer(member, $"{path}.{name}");
        }
        return values;
    }

    /// <summary>The rows of this table within an object, with the paths that messages name them by; none if the table is not shown.</summary>
    public IEnumerable<(JsonElement Row, string Path)> RowsIn(JsonElement holder, string path)
    {
        if (!IsShown)
            yield break;
        int i = 0;
        foreach (JsonElement row in AnswerShape.Items(holder.GetProperty(Name), path + Name))
            yield return (row, $"{path}{Name}[{i++}]");
    }

    /// <summary>Writes a row, without the tables inside it and without its end.</summary>
    public void Write(Utf8JsonWriter writer, ReadOnlySpan<long> row)
    {
        foreach ((string name, int position) in _fields)
            writer.WriteNumber(name, row[position]);
    }
}
