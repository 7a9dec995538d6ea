using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FolioCheck.Properties;
using Spectre.Console;

namespace FolioCheck.Cli;

/// <summary>What <c>cost</c> was asked for.</summary>
/// <param name="Paths">Scenario files.</param>
/// <param name="PerOperation">Whether to show every operation.</param>
/// <param name="Json">File for the counts as JSON; null for none.</param>
public sealed record CostOptions(IReadOnlyList<string> Paths, bool PerOperation, string? Json);

/// <summary><c>foliocheck cost</c>: counts what costs time in scenarios, on every layer.</summary>
public sealed class CostCommand
{
    private readonly CostOptions _options;
    private readonly IReadOnlyList<CountedLayer> _layers;
    private readonly IAnsiConsole _console;
    private readonly TextWriter _errors;
    private readonly List<(string Path, ScenarioCost Cost)> _costs = [];
    private readonly List<string> _differences = [];

    private CostCommand(CostOptions options, IReadOnlyList<CountedLayer> layers, IAnsiConsole console, TextWriter errors)
    {
        _options = options;
        _layers = layers;
        _console = console;
        _errors = errors;
    }

    /// <summary>Runs the command.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="layers">The layers that have to count the same.</param>
    /// <param name="console">Where output goes.</param>
    /// <param name="errors">Where messages about bad files go.</param>
    /// <returns>
    /// An <see cref="ExitCode"/>: failed if layers count differently, inconclusive if a scenario has no operations or asks for what is not modelled.
    /// </returns>
    public static int Run(CostOptions options, IReadOnlyList<CountedLayer> layers, IAnsiConsole console, TextWriter errors) =>
        new CostCommand(options, layers, console, errors).Run();

    private int Run()
    {
        int gravest = ExitCode.Held;
        foreach (string path in _options.Paths)
            gravest = ReplayCommand.Graver(gravest, Count(path));
        if (_costs.Count > 0)
            Show();
        foreach (string difference in _differences)
            Say(difference);
        Say("layers counted: " + string.Join(", ", _layers.Select(layer => layer.Name)));
        Say(string.Create(CultureInfo.InvariantCulture, $"differences: {_differences.Count}"));
        if (_options.Json is string json && AtomicFile.TryWrite(json, Json()) is string reason)
        {
            _errors.WriteLine($"{json}: {reason}");
            return gravest == ExitCode.Held ? ExitCode.CannotWrite : gravest;
        }
        return gravest;
    }

    private int Count(string path)
    {
        Scenario scenario;
        try
        {
            scenario = ScenarioText.Read(path, ReplayCommand.ReadLines(path)).Scenario;
        }
        catch (BadInputException exception)
        {
            _errors.WriteLine(exception.Message);
            return ExitCode.BadInput;
        }
        ScenarioCost cost = CountedLayers.Count(_layers, scenario, out string? difference);
        _costs.Add((path, cost));
        if (difference is not null)
        {
            _differences.Add($"{path}: {difference}");
            return ExitCode.Failed;
        }
        return cost.IsModelled && cost.Operations.Count > 0 ? ExitCode.Held : ExitCode.Inconclusive;
    }

    private void Show()
    {
        if (!_options.PerOperation)
        {
            CostTable.Write(_console, "scenario", "largest rss", _costs.Select(cost => (Path.GetFileNameWithoutExtension(cost.Path), cost.Cost.Total, cost.Cost.LargestRss)));
            return;
        }
        foreach ((string path, ScenarioCost cost) in _costs)
        {
            Say(path);
            IEnumerable<(string, EventCounts, long)> rows = cost.Operations.Select(each => (OperationText.Line(each.Operation), each.Counts, each.Rss));
            CostTable.Write(_console, "operation", "rss after", [.. rows, ("total", cost.Total, cost.LargestRss)]);
        }
    }

    private void Say(string line) => _console.Profile.Out.Writer.WriteLine(line);

    private string Json()
    {
        var root = new JsonObject
        {
            ["layers"] = new JsonArray([.. _layers.Select(layer => JsonValue.Create(layer.Name))]),
            ["scenarios"] = new JsonArray([.. _costs.Select(cost => ScenarioJson(cost.Path, cost.Cost))]),
            ["differences"] = new JsonArray([.. _differences.Select(difference => JsonValue.Create(difference))]),
        };
        return root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private JsonObject ScenarioJson(string path, ScenarioCost cost)
    {
        var scenario = new JsonObject
        {
            ["scenario"] = path,
            ["machine"] = MachineText.Line(cost.Machine),
            ["operations"] = cost.Operations.Count,
            ["largest rss"] = cost.LargestRss,
            ["counts"] = CountsJson(cost.Total),
        };
        if (_options.PerOperation)
            scenario["steps"] = new JsonArray([.. cost.Operations.Select(OperationJson)]);
        return scenario;
    }

    private static JsonObject OperationJson(OperationCost cost) => new()
    {
        ["operation"] = OperationText.Line(cost.Operation),
        ["outcome"] = cost.Outcome.ToString(),
        ["rss after"] = cost.Rss,
        ["counts"] = CountsJson(cost.Counts),
    };

    private static JsonObject CountsJson(EventCounts counts)
    {
        var json = new JsonObject();
        foreach ((string name, Func<EventCounts, long> of) in EventCounts.Kinds)
            json[name] = of(counts);
        return json;
    }
}
