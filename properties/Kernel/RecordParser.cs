using System.Globalization;

namespace FolioCheck.Kernel;

/// <summary>A line after the first of a transcript.</summary>
internal static class RecordParser
{
    private const int AgentNumbers = 4;

    public static TranscriptRecord Parse(JsonMembers members, int line, int index)
    {
        JsonValue number = members["i"];
        if (number.Whole() != index)
            throw number.Error($"is {number.Whole()}, but this is record {index}");
        var record = new TranscriptRecord(
            line,
            index,
            Operation(members["op"]),
            Outcome(members["ret"]),
            members["d"].Map(TranscriptFormat.IsCounter, Delta),
            StateParser.Parse(members["st"].Object()),
            AgentOverhead(members.Optional("x")));
        members.End();
        return record;
    }

    private static long Delta(JsonValue value) =>
        value.Whole() is var delta and not 0 ? delta : throw value.Error("is 0, which is not a change");

    private static RecordedOutcome Outcome(JsonValue value) =>
        RecordedOutcome.Parse(value.Text()) ?? throw value.Error($"is \"{value.Text()}\", not \"ok\", \"ok N\", \"err N\" or \"sig N\"");

    private static Dictionary<string, IReadOnlyList<long>> AgentOverhead(JsonValue? value) =>
        value?.Map(IsSlot, numbers => (IReadOnlyList<long>)[.. numbers.Tuple(AgentNumbers).Select(number => number.Whole())]) ?? [];

    private static bool IsSlot(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static RecordedOperation Operation(JsonValue value)
    {
        List<JsonValue> items = value.List(item => item);
        if (items.Count == 0)
            throw value.Error("is empty");
        string name = items[0].Text();
        IReadOnlyList<ArgumentKind> kinds =
            OperationSchema.Arguments(name) ?? throw value.Error($"names the unknown operation \"{name}\"");
        if (items.Count - 1 != kinds.Count)
            throw value.Error($"has {items.Count - 1} arguments; {name} takes {kinds.Count}");
        return new RecordedOperation(name, [.. kinds.Select((kind, place) => Argument(kind, items[place + 1]))]);
    }

    private static RecordedArgument Argument(ArgumentKind kind, JsonValue value) => kind switch
    {
        ArgumentKind.Slot => new(value.Small()),
        ArgumentKind.Pages => new(value.Pages()),
        ArgumentKind.Advice when value.IsText => new(0, value.Word(TranscriptFormat.Advices)),
        _ => new(value.Whole()),
    };
}
