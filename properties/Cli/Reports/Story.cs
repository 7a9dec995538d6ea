using System.Globalization;
using FolioCheck.Kernel;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary>One step of a <see cref="Story"/>: an operation, and what the reference and the tested system show after it.</summary>
/// <param name="Operation">The operation; null before the first.</param>
/// <param name="Outcome">The reference's outcome, in words.</param>
/// <param name="Expected">The reference's state.</param>
public sealed record StoryStep(Operation? Operation, string Outcome, MemoryState Expected)
{
    /// <summary>The tested system's outcome, where it is another one.</summary>
    public string? FoundOutcome { get; init; }

    /// <summary>The tested system's state, where it is another one.</summary>
    public MemoryState? Found { get; init; }
}

/// <summary>A scenario told step by step, up to where it fails: what every report of one scenario is made of.</summary>
/// <param name="Name">The file as the user named it.</param>
/// <param name="Scenario">The scenario.</param>
/// <param name="Command">The command that repeats it.</param>
public sealed record Story(string Name, Scenario Scenario, string Command)
{
    /// <summary>How it fails; null if it holds.</summary>
    public Failure? Failure { get; init; }

    /// <summary>What else there is to say, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The state at the start, then a step an operation, up to the one that fails.</summary>
    public IReadOnlyList<StoryStep> Steps { get; private init; } = [];

    /// <summary>Runs the scenario on the reference and a tested system.</summary>
    /// <param name="system">The tested system; its states are told if it shows whole ones.</param>
    public Story Told(SystemUnderTest system)
    {
        Failure? failure = Failure ?? new Campaign(system).RunWithEveryLaw(Scenario);
        IEnumerable<Operation> operations = failure is null ? Scenario.Operations : Scenario.Operations.Take(failure.Step + 1);
        IReadOnlyList<string> notes = failure?.Path == "law" ? [.. Notes, "A law is about several runs of the scenario with operations of its own; shown is the scenario alone."] : Notes;
        return this with { Failure = failure, Notes = notes, Steps = Tell(Scenario.Machine, operations, system) };
    }

    private static List<StoryStep> Tell(Machine machine, IEnumerable<Operation> operations, SystemUnderTest system)
    {
        IMemorySystem reference = ReferenceMemory.Create(machine);
        var tested = new Teller(system, machine);
        var steps = new List<StoryStep> { tested.Step(null, "", StateOf(reference, machine)) };
        foreach (Operation operation in operations)
        {
            string outcome = reference.Apply(operation).ToString();
            steps.Add(tested.Step(operation, outcome, StateOf(reference, machine)));
        }
        return steps;
    }

    private static MemoryState StateOf(IMemorySystem system, Machine machine)
    {
        var state = new MemoryState { ContPteEntries = machine.ContPteEntries };
        state.Load(system);
        return state;
    }

    /// <summary>The tested system, which may throw at any time; then nothing more is told of it.</summary>
    private sealed class Teller
    {
        private readonly bool _showsStates;
        private readonly Machine _machine;
        private IMemorySystem? _system;

        public Teller(SystemUnderTest system, Machine machine)
        {
            _showsStates = system.Observed.IsComplete;
            _machine = machine;
            Try(() => _system = system.Create(machine));
        }

        public StoryStep Step(Operation? operation, string outcome, MemoryState expected)
        {
            string found = outcome;
            MemoryState? state = null;
            string? thrown = _system is null ? null : Try(() =>
            {
                found = operation is Operation done ? _system.Apply(done).ToString() : outcome;
                state = _showsStates ? StateOf(_system, _machine) : null;
            });
            return new StoryStep(operation, outcome, expected)
            {
                FoundOutcome = thrown ?? (found == outcome ? null : found),
                Found = state is null || state.Observation.SameAs(expected.Observation) ? null : state,
            };
        }

        private string? Try(Action action)
        {
            try
            {
                action();
                return null;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                _system = null;
                return $"threw {exception.GetType().Name}: {exception.Message}";
            }
        }
    }

    /// <summary>Reads a scenario file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="command">The command that repeats it.</param>
    /// <exception cref="BadInputException">It is no scenario.</exception>
    public static Story OfScenario(string path, string command) =>
        new(path, ScenarioText.Read(path, ReplayCommand.ReadLines(path)).Scenario, command);

    /// <summary>Reads a transcript, as far as it is modelled; where the tested system differs from the kernel is where it fails.</summary>
    /// <param name="path">The file.</param>
    /// <param name="command">The command that repeats it.</param>
    /// <param name="tested">The system that is held against it.</param>
    /// <exception cref="BadInputException">It is no transcript.</exception>
    public static Story OfTranscript(string path, string command, MemorySystemFactory tested)
    {
        using Transcript transcript = Transcript.Open(path);
        var replay = new TranscriptReplay(transcript.Header, tested);
        var operations = new List<Operation>();
        foreach (TranscriptRecord record in transcript.Records())
        {
            replay.Step(record);
            if (replay.Result.Stop is not ReplayStop.NotModelled && OperationTranslation.Translate(record.Operation) is { Reason: null } translation)
                operations.Add(translation.Operation);
        }
        ReplayResult result = replay.Result;
        string agreed = string.Create(
            CultureInfo.InvariantCulture, $"Recorded on Linux {transcript.Header.Kernel}; the system agrees for {result.Agreed} of {result.Operations} operations.");
        return new Story(path, new Scenario(TranscriptMachine.Of(transcript.Header), operations), command)
        {
            Failure = result.Stop is ReplayStop.Differs differs ? FailureOf(differs, operations[differs.Step]) : null,
            Notes = result.Stop is ReplayStop.NotModelled stop ? [agreed, $"There it ends: {stop.Reason}."] : [agreed],
        };
    }

    private static Failure FailureOf(ReplayStop.Differs differs, Operation operation) =>
        new("transcript", differs.First.Path, differs.Step, operation, differs.First.Path, differs.First.Kernel, differs.First.Model);
}
