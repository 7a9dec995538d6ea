using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FolioCheck.Cli;

/// <summary>
/// The result of a run as rows <c>name: value</c>. Rows that depend on the clock are kept apart, so that all others are the same bytes on
/// every machine.
/// </summary>
internal sealed class Rows
{
    private readonly List<(string Name, object Value, bool Timed)> _rows = [];

    /// <summary>Adds a row that depends on the options alone.</summary>
    public void Add(string name, object value) => _rows.Add((name, value, false));

    /// <summary>Adds a row that depends on the clock.</summary>
    public void AddTimed(string name, object value) => _rows.Add((name, value, true));

    /// <summary>All rows, one a line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((string name, object value, bool _) in _rows)
            text.Append(CultureInfo.InvariantCulture, $"{name}: {Text(value)}\n");
        return text.ToString();
    }

    /// <summary>The same as JSON: <c>{"rows": {...}, "timed": {...}}</c>.</summary>
    /// <param name="more">Further members, by name.</param>
    public string ToJson(IReadOnlyDictionary<string, JsonNode>? more = null)
    {
        var rows = new JsonObject();
        var timed = new JsonObject();
        foreach ((string name, object value, bool isTimed) in _rows)
            (isTimed ? timed : rows)[name] = JsonSerializer.SerializeToNode(value);
        var root = new JsonObject { ["rows"] = rows, ["timed"] = timed };
        foreach ((string name, JsonNode value) in more ?? new Dictionary<string, JsonNode>())
            root[name] = value;
        return root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>The rows of one number, those of properties and features apart, that does not depend on the clock, as text.</summary>
    public IEnumerable<(string Name, string Value)> Numbers() =>
        _rows.Where(row => !row.Timed && row.Value is IFormattable && !row.Name.StartsWith("property ", StringComparison.Ordinal) && !row.Name.StartsWith("feature, ", StringComparison.Ordinal)).Select(row => (row.Name, Text(row.Value)));

    private static string Text(object value) => value switch
    {
        double number => number.ToString("0.0", CultureInfo.InvariantCulture),
        IReadOnlyDictionary<string, long> parts => string.Join(", ", parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Key} {part.Value}"))),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
