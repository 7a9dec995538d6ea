using System.Text.Json;

namespace FolioCheck.Exec;

/// <summary>Reads parts of an answer, or says which part is not what it should be.</summary>
internal static class AnswerShape
{
    /// <summary>An object with these members, and no others.</summary>
    public static void Check(JsonElement element, string path, IReadOnlyCollection<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw ProgramFailure.Wrong($"{path}: {Excerpt(element)} is not an object");
        int known = 0;
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (!names.Contains(member.Name))
                throw ProgramFailure.Wrong($"{path}: '{member.Name}' was not asked for; expected {string.Join(", ", names)}");
            known++;
        }
        // A member that stands there twice hides one that is missing; both are found by name.
        foreach (string name in names)
        {
            if (!element.TryGetProperty(name, out _))
                throw ProgramFailure.Wrong($"{path}: '{name}' is missing");
        }
        if (known != names.Count)
            throw ProgramFailure.Wrong($"{path}: a member stands there twice");
    }

    /// <summary>The items of an array.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement element, string path) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray()
        : throw ProgramFailure.Wrong($"{path}: {Excerpt(element)} is not an array");

    /// <summary>An integer of 64 bits.</summary>
    public static long Integer(JsonElement element, string path) => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long value)
        ? value
        : throw ProgramFailure.Wrong($"{path}: {Excerpt(element)} is not an integer");

    /// <summary>An integer in a range.</summary>
    public static int Integer(JsonElement element, string path, int least, int most)
    {
        long value = Integer(element, path);
        return value >= least && value <= most ? (int)value : throw ProgramFailure.Wrong($"{path}: {value} is not within {least} to {most}");
    }

    /// <summary>The beginning of a part.</summary>
    public static string Excerpt(JsonElement element)
    {
        const int Longest = 40;
        string text = string.Concat(element.GetRawText().Select(character => char.IsControl(character) ? ' ' : character));
        return text.Length <= Longest ? text : text[..Longest] + "...";
    }
}
