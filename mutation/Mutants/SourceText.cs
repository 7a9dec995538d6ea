using System.Text.Json;

namespace FolioCheck.Mutants;

/// <summary>A source file: Stryker reports places as lines and columns, and takes them as offsets.</summary>
internal sealed class SourceText
{
    private readonly List<int> _lines = [0];

    public SourceText(string text)
    {
        Text = text;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
                _lines.Add(i + 1);
        }
    }

    public string Text { get; }

    /// <summary>Offset and end of a place of the report.</summary>
    public (int Start, int End) Span(JsonElement location) => (Offset(location.GetProperty("start")), Offset(location.GetProperty("end")));

    /// <summary>1-based line of an offset.</summary>
    public int Line(int offset) => _lines.FindLastIndex(start => start <= offset) + 1;

    /// <summary>The line that an offset is in, behind the one before: a line alone may be no more than <c>return;</c>.</summary>
    public string Context(int offset)
    {
        int line = Line(offset);
        string before = line > 1 ? LineText(line - 1) : "";
        return OneLine($"{before} {LineText(line)}");
    }

    /// <summary>Text with every white space one blank.</summary>
    public static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private string LineText(int line) => Text[_lines[line - 1]..].Split('\n')[0];

    private int Offset(JsonElement place) => _lines[place.GetProperty("line").GetInt32() - 1] + place.GetProperty("column").GetInt32() - 1;
}
