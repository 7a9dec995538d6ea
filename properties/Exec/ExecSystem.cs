using System.Text.Json;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Exec;

/// <summary>
/// A program as a system under test. Laws compare several systems step by step, so a few instances of the program run side by side; one that is wanted for another
/// system is reset and does again what that system did. A program that failed is replaced by a fresh one.
/// </summary>
public sealed class ExecSystem : IDisposable
{
    private readonly ProgramCommand _command;
    private readonly ObservationReader _reader;

    /// <summary>Instances, the one that was used last at the end.</summary>
    private readonly List<Instance> _instances = [];

    /// <summary>A program with the memory that it holds now.</summary>
    private sealed class Instance(RunningProgram program)
    {
        public RunningProgram Program { get; } = program;

        public ExecMemory? Holds { get; set; }
    }

    private ExecSystem(ProgramCommand command, RunningProgram program, Greeting greeting)
    {
        _command = command;
        _reader = new ObservationReader(greeting.Observed);
        _instances.Add(new Instance(program));
        Greeting = greeting;
        UnderTest = new SystemUnderTest(Create) { Operations = greeting.Operations, Observed = greeting.Observed };
    }

    /// <summary>No law has more systems at a time; without laws there is one after the other.</summary>
    private int MostInstances => UnderTest.JudgesLaws ? 3 : 1;

    /// <summary>What the program said of itself.</summary>
    public Greeting Greeting { get; }

    /// <summary>The program as a system to check.</summary>
    public SystemUnderTest UnderTest { get; }

    /// <summary>Starts a program and greets it.</summary>
    /// <exception cref="SystemFailureException">It cannot be started, or does not speak the protocol.</exception>
    public static ExecSystem Start(ProgramCommand command)
    {
        RunningProgram program = RunningProgram.Start(command);
        try
        {
            return new ExecSystem(command, program, Greet(program));
        }
        catch (SystemFailureException)
        {
            program.Dispose();
            throw;
        }
    }

    private static Greeting Greet(RunningProgram program)
    {
        using JsonDocument answer = program.Ask(Greeting.Line);
        return Greeting.Read(answer.RootElement);
    }

    private ExecMemory Create(Machine machine)
    {
        var memory = new ExecMemory(this, machine);
        InstanceOf(memory);
        return memory;
    }

    internal Outcome Apply(ExecMemory memory, in Operation operation)
    {
        Operation asked = operation;
        return With(InstanceOf(memory), program => Apply(program, asked));
    }

    internal void Observe(ExecMemory memory, Observation observation)
    {
        Instance instance = InstanceOf(memory);
        if (_reader.IsNeeded)
            With(instance, program => Observe(program, observation));
        else
            observation.Clear();
    }

    private bool Observe(RunningProgram program, Observation observation)
    {
        using JsonDocument answer = program.Ask("observe");
        _reader.Read(answer.RootElement, observation);
        return true;
    }

    private static Outcome Apply(RunningProgram program, in Operation operation)
    {
        string line = OperationText.Line(operation);
        using JsonDocument answer = program.Ask(line);
        AnswerShape.Check(answer.RootElement, $"the answer to '{line}'", ["outcome"]);
        JsonElement outcome = answer.RootElement.GetProperty("outcome");
        return outcome.ValueKind == JsonValueKind.String && OutcomeText.Parse(outcome.GetString()!) is Outcome parsed
            ? parsed
            : throw ProgramFailure.Wrong($"the answer to '{line}': {AnswerShape.Excerpt(outcome)} is no outcome");
    }

    /// <summary>The instance that holds a memory: the one that does, else a new one, else the one that was not used for longest.</summary>
    private Instance InstanceOf(ExecMemory memory)
    {
        Instance? instance = _instances.Find(candidate => candidate.Holds == memory);
        if (instance is null)
        {
            instance = _instances.Find(candidate => candidate.Holds is null) ?? (_instances.Count < MostInstances ? StartAnother() : _instances[0]);
            instance.Holds = memory;
            With(instance, program => Restore(program, memory));
        }
        _instances.Remove(instance);
        _instances.Add(instance);
        return instance;
    }

    private Instance StartAnother()
    {
        RunningProgram program = RunningProgram.Start(_command);
        // A program says of itself what it said before; that it answers is what matters.
        Greet(program);
        var instance = new Instance(program);
        _instances.Add(instance);
        return instance;
    }

    private static bool Restore(RunningProgram program, ExecMemory memory)
    {
        foreach (string line in new[] { "reset", MachineText.Line(memory.Machine), ScenarioText.ThpLine(memory.Machine.Thp) })
        {
            using JsonDocument answer = program.Ask(line);
            AnswerShape.Check(answer.RootElement, $"the answer to '{line}'", []);
        }
        foreach (Operation operation in memory.Done)
            Apply(program, operation);
        return true;
    }

    /// <summary>Asks a program; one that fails is given up.</summary>
    private T With<T>(Instance instance, Func<RunningProgram, T> ask)
    {
        try
        {
            return ask(instance.Program);
        }
        catch (SystemFailureException)
        {
            _instances.Remove(instance);
            instance.Program.Dispose();
            throw;
        }
    }

    /// <summary>Ends all instances.</summary>
    public void Dispose()
    {
        foreach (Instance instance in _instances)
            instance.Program.Dispose();
        _instances.Clear();
    }
}
