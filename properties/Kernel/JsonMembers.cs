using System.Text.Json;

namespace FolioCheck.Kernel;

/// <summary>
/// The members of a JSON object, each of which must be taken once: <see cref="End"/> refuses an object with members that nobody took.
/// </summary>
internal sealed class JsonMembers(JsonElement element, InputPosition position, string name)
{
    private readonly List<string> _taken = [];

    /// <summary>A member that must be there.</summary>
    public JsonValue this[string member] =>
        Optional(member) ?? throw position.Error($"\"{name}\" lacks the member \"{member}\"");

    /// <summary>A member that may be there.</summary>
    public JsonValue? Optional(string member)
    {
        if (!element.TryGetProperty(member, out JsonElement value))
            return null;
        _taken.Add(member);
        return new JsonValue(value, position, member);
    }

    /// <summary>Refuses the object if it has more members.</summary>
    public void End()
    {
        if (element.GetPropertyCount() == _taken.Count)
            return;
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (!_taken.Contains(member.Name))
                throw position.Error($"\"{name}\" has the unknown member \"{member.Name}\"");
        }
    }
}
