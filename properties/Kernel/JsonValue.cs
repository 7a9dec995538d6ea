using System.Text.Json;
using FolioCheck.Properties;

namespace FolioCheck.Kernel;

/// <summary>A JSON value that is asked for its content and refuses, naming itself, to be anything else.</summary>
/// <param name="element">The value.</param>
/// <param name="position">Where it stands.</param>
/// <param name="name">The member that holds it, or holds the list that it is part of.</param>
/// <param name="index">Its place in that list, or -1.</param>
internal readonly struct JsonValue(JsonElement element, InputPosition position, string name, int index = -1)
{
    public bool IsText => element.ValueKind == JsonValueKind.String;

    public bool IsList => element.ValueKind == JsonValueKind.Array;

    /// <summary>A whole number.</summary>
    public long Whole(long least = long.MinValue, long most = long.MaxValue)
    {
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out long number))
            throw Error("is not a whole number");
        return number >= least && number <= most ? number : throw Error($"is {number}, not in {least}..{most}");
    }

    /// <summary>A whole number of 32 bits.</summary>
    public int Small(int least = 0, int most = int.MaxValue) => (int)Whole(least, most);

    /// <summary>0 or 1.</summary>
    public bool Flag() => Whole(0, 1) == 1;

    /// <summary>A number of pages: a multiple of 1/4096 within 63 bits.</summary>
    public decimal Pages()
    {
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetDecimal(out decimal number) || Math.Abs(number) > long.MaxValue)
            throw Error("is not a number of pages");
        decimal bytes = number * TranscriptFormat.PageBytes;
        return bytes == decimal.Truncate(bytes) ? number : throw Error("does not name a byte");
    }

    /// <summary>A text.</summary>
    public string Text() => IsText ? element.GetString()! : throw Error("is not a text");

    /// <summary>One of a set of words.</summary>
    public string Word(IReadOnlySet<string> words)
    {
        string text = Text();
        return words.Contains(text) ? text : throw Error($"has the unknown word \"{text}\"");
    }

    /// <summary>Words with single blanks between, each of a set and none twice; possibly none.</summary>
    public string[] WordList(IReadOnlySet<string> words)
    {
        string text = Text();
        string[] found = text.Length == 0 ? [] : text.Split(' ');
        foreach (string word in found)
        {
            if (!words.Contains(word))
                throw Error($"has the unknown word \"{word}\"");
        }
        return found.Distinct(StringComparer.Ordinal).Count() == found.Length ? found : throw Error("says a word twice");
    }

    /// <summary>A list.</summary>
    public List<T> List<T>(Func<JsonValue, T> convert)
    {
        if (!IsList)
            throw Error("is not a list");
        var items = new List<T>(element.GetArrayLength());
        foreach (JsonElement item in element.EnumerateArray())
            items.Add(convert(new JsonValue(item, position, name, items.Count)));
        return items;
    }

    /// <summary>A list with a fixed number of elements.</summary>
    public JsonValue[] Tuple(int count)
    {
        List<JsonValue> items = List(item => item);
        return items.Count == count ? [.. items] : throw Error($"has {items.Count} elements, not {count}");
    }

    /// <summary>An object whose members are known by name.</summary>
    public JsonMembers Object() => new(Require(JsonValueKind.Object, "is not an object"), position, name);

    /// <summary>An object whose member names are data.</summary>
    public Dictionary<string, T> Map<T>(Func<string, bool> isKey, Func<JsonValue, T> convert)
    {
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (JsonProperty member in Require(JsonValueKind.Object, "is not an object").EnumerateObject())
        {
            if (!isKey(member.Name))
                throw Error($"has the unknown member \"{member.Name}\"");
            map.Add(member.Name, convert(new JsonValue(member.Value, position, name + "." + member.Name)));
        }
        return map;
    }

    public BadInputException Error(string complaint) =>
        position.Error(index < 0 ? $"\"{name}\" {complaint}" : $"element {index} of \"{name}\" {complaint}");

    private JsonElement Require(JsonValueKind kind, string complaint) => element.ValueKind == kind ? element : throw Error(complaint);
}
