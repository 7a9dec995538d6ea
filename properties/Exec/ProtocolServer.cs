using System.Text.Json.Nodes;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Exec;

/// <summary>The other side of the protocol: any memory system of ours as a program that is asked line by line.</summary>
public sealed class ProtocolServer
{
    private const string Nothing = "{}";
    private readonly MemorySystemFactory _create;
    private readonly string _name;
    private readonly Observation _observation = new();
    private string? _machineLine;
    private IMemorySystem? _system;

    private ProtocolServer(MemorySystemFactory create, string name)
    {
        _create = create;
        _name = name;
    }

    /// <summary>Answers lines until the input ends.</summary>
    /// <param name="create">The system.</param>
    /// <param name="name">How it calls itself.</param>
    /// <param name="input">Where lines come from.</param>
    /// <param name="output">Where answers go.</param>
    public static void Run(MemorySystemFactory create, string name, TextReader input, TextWriter output)
    {
        var server = new ProtocolServer(create, name);
        for (int number = 1; input.ReadLine() is string line; number++)
        {
            output.Write(server.Answer(line, number) + "\n");
            output.Flush();
        }
    }

    private string Answer(string line, int number)
    {
        try
        {
            return line.Split(' ')[0] switch
            {
                "foliocheck" => Greet(line),
                "reset" => Reset(),
                "machine" => Keep(line),
                "thp" => Begin(line, number),
                "observe" => Observe(),
                _ => Apply(ScenarioText.ReadOperation("line", number, line)),
            };
        }
        catch (BadInputException exception)
        {
            return Error(exception.Message);
        }
    }

    private static string Error(string text) => new JsonObject { ["error"] = text }.ToJsonString();

    private string Greet(string line) => line == Greeting.Line
        ? new Greeting(_name, OperationSubset.All, ObservationSubset.Complete).Write()
        : Error($"this program answers to '{Greeting.Line}'");

    private string Reset()
    {
        _system = null;
        _machineLine = null;
        return Nothing;
    }

    private string Keep(string line)
    {
        _machineLine = line;
        return Nothing;
    }

    private string Begin(string line, int number)
    {
        if (_machineLine is null)
            return Error("the machine line comes before the thp line");
        _system = _create(ScenarioText.ReadMachine("line", number - 1, _machineLine, line));
        return Nothing;
    }

    private string Observe()
    {
        if (_system is null)
            return Error("there is no machine yet");
        _system.Observe(_observation);
        return ObservationWriter.Write(_observation);
    }

    private string Apply(in Operation operation) => _system is null
        ? Error("there is no machine yet")
        : new JsonObject { ["outcome"] = _system.Apply(operation).ToString() }.ToJsonString();
}
