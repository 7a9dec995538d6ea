using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FolioCheck.Properties;

namespace FolioCheck.Exec;

/// <summary>What a program says of itself when it is greeted.</summary>
/// <param name="Name">How it calls itself.</param>
/// <param name="Operations">What it can do.</param>
/// <param name="Observed">What it shows.</param>
public sealed record Greeting(string Name, OperationSubset Operations, ObservationSubset Observed)
{
    /// <summary>The version of the protocol.</summary>
    public const int Protocol = 1;

    /// <summary>The first line that a program is sent.</summary>
    public static string Line { get; } = string.Create(CultureInfo.InvariantCulture, $"foliocheck {Protocol}");

    /// <summary>Reads what a program answers to <see cref="Line"/>.</summary>
    /// <exception cref="SystemFailureException">It is not what the protocol asks for.</exception>
    public static Greeting Read(JsonElement answer)
    {
        AnswerShape.Check(answer, "the greeting", ["protocol", "name", "operations", "orders", "observes"]);
        long protocol = AnswerShape.Integer(answer.GetProperty("protocol"), "protocol");
        if (protocol != Protocol)
            throw ProgramFailure.Wrong(string.Create(CultureInfo.InvariantCulture, $"the program speaks protocol {protocol}; this is {Protocol}"));
        string[] kinds = [.. Strings(answer, "operations")];
        int[] orders = [.. AnswerShape.Items(answer.GetProperty("orders"), "orders").Select(item => checked((int)AnswerShape.Integer(item, "orders")))];
        if (kinds.Contains(ObservationSubset.Everything))
            kinds = [.. OperationSubset.AllKinds];
        if (OperationSubset.Parse(kinds, orders, out OperationSubset operations) is string wrong)
            throw ProgramFailure.Wrong($"the greeting: {wrong}");
        if (ObservationSubset.Parse(Strings(answer, "observes"), out ObservationSubset observed) is string unknown)
            throw ProgramFailure.Wrong($"the greeting: nothing that can be observed is called '{unknown}'");
        return new Greeting(Text(answer.GetProperty("name"), "name"), operations, observed);
    }

    /// <summary>The greeting as a program says it.</summary>
    public string Write() => new JsonObject
    {
        ["protocol"] = Protocol,
        ["name"] = Name,
        ["operations"] = Array(Operations.IsComplete ? [ObservationSubset.Everything] : Operations.Kinds),
        ["orders"] = new JsonArray([.. Operations.Orders.Select(order => (JsonNode)order)]),
        ["observes"] = Array(Observed.IsComplete ? [ObservationSubset.Everything] : Observed.Included),
    }.ToJsonString();

    private static JsonArray Array(IEnumerable<string> names) => new([.. names.Select(name => (JsonNode)name)]);

    private static IEnumerable<string> Strings(JsonElement answer, string name) =>
        AnswerShape.Items(answer.GetProperty(name), name).Select(item => Text(item, name));

    private static string Text(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw ProgramFailure.Wrong($"{path}: {AnswerShape.Excerpt(element)} is not a string");
}
