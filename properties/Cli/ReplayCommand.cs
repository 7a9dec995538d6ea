using System.Globalization;
using FolioCheck.Implementation;
using FolioCheck.Kernel;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary>
/// <c>foliocheck replay</c>: holds the reference and the implementation against recorded transcripts (.jsonl, .jsonl.gz) or scenario files.
/// </summary>
public static class ReplayCommand
{
    private static readonly (string Name, MemorySystemFactory Factory)[] Models =
    [
        ("reference", ReferenceMemory.Create), ("implementation", OptimizedMemory.Create),
    ];

    /// <summary>Replays files in order; a bad one does not keep the others from being replayed.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="errors">Where messages about bad files go.</param>
    /// <returns>The gravest of the files' exit codes: bad input, then failed, then inconclusive, then held.</returns>
    public static int Run(IReadOnlyList<string> paths, TextWriter output, TextWriter errors)
    {
        int gravest = ExitCode.Held;
        var totals = new Totals();
        foreach (string path in paths)
        {
            int code;
            try
            {
                code = IsTranscript(path) ? ReplayTranscript(path, output, totals) : ReplayScenario(path, output, totals);
            }
            catch (BadInputException exception)
            {
                errors.WriteLine(exception.Message);
                code = ExitCode.BadInput;
            }
            gravest = Graver(gravest, code);
        }
        if (paths.Count > 1)
            output.WriteLine(totals);
        return gravest;
    }

    /// <summary>The graver of two exit codes.</summary>
    internal static int Graver(int one, int other)
    {
        int[] gravity = [ExitCode.Held, ExitCode.Inconclusive, ExitCode.Failed, ExitCode.BadInput];
        return Array.IndexOf(gravity, other) > Array.IndexOf(gravity, one) ? other : one;
    }

    private sealed class Totals
    {
        public long Operations { get; set; }

        public long Agreed { get; set; }

        public long Fields { get; set; }

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"total: agreed for {Agreed} of {Operations} operations, {Fields} fields compared with each model");
    }

    internal static bool IsTranscript(string path) =>
        path.EndsWith(".jsonl", StringComparison.Ordinal) || path.EndsWith(".jsonl.gz", StringComparison.Ordinal);

    private static int ReplayTranscript(string path, TextWriter output, Totals totals)
    {
        using Transcript transcript = Transcript.Open(path);
        TranscriptReplay[] replays = [.. Models.Select(model => new TranscriptReplay(transcript.Header, model.Factory))];
        foreach (TranscriptRecord record in transcript.Records())
        {
            foreach (TranscriptReplay replay in replays)
                replay.Step(record);
        }
        int code = ExitCode.Held;
        for (int i = 0; i < replays.Length; i++)
        {
            ReplayResult result = replays[i].Result;
            if (result.Stop is not ReplayStop.Differs differs)
                continue;
            code = ExitCode.Failed;
            output.WriteLine($"{path}:{differs.Line}: the {Models[i].Name} differs after {result.Agreed} of {result.Operations} operations, at {differs.Operation}");
            foreach (FieldDifference difference in differs.All.Take(10))
                output.WriteLine($"  {difference}");
        }
        ReplayResult first = replays[0].Result;
        totals.Operations += first.Operations;
        totals.Agreed += replays.Min(replay => replay.Result.Agreed);
        totals.Fields += replays.Min(replay => replay.Result.Fields);
        if (code == ExitCode.Failed)
            return code;
        string agreed = string.Create(
            CultureInfo.InvariantCulture, $"{path}: agreed for {first.Agreed} of {first.Operations} operations, {first.Fields} fields");
        bool whole = first.Stop is ReplayStop.EndOfTranscript;
        output.WriteLine(whole ? agreed : $"{agreed}; {Reason(first.Stop)}");
        return whole && first.Operations > 0 ? ExitCode.Held : ExitCode.Inconclusive;
    }

    private static string Reason(ReplayStop stop) => stop is ReplayStop.NotModelled notModelled ? notModelled.Reason : stop.ToString();

    private static int ReplayScenario(string path, TextWriter output, Totals totals)
    {
        ScenarioFile file = ScenarioText.Read(path, ReadLines(path));
        int operations = file.Scenario.Operations.Count;
        totals.Operations += operations;
        foreach ((string name, MemorySystemFactory factory) in Models)
        {
            ScenarioReplayResult result = ScenarioReplay.Run(file, factory);
            if (result.Wrong is null)
                continue;
            output.WriteLine($"{path}:{result.Line}: the {name} does not do what the file says");
            output.WriteLine($"  {result.Wrong}");
            return ExitCode.Failed;
        }
        int expectations = file.Steps.Count(step => step.Picture is not null || step.ExpectedOutcome is not null);
        // An example says what is to be seen. A saved finding does not, and may be one of a law, which only holds for scenarios as they are drawn.
        Failure? failure = expectations > 0
            ? new Campaign(SystemChoice.TheImplementation).RunWithoutLaws(file.Scenario)
            : new Campaign(SystemChoice.TheImplementation).RunWithEveryLaw(file.Scenario);
        if (failure is not null)
        {
            output.WriteLine($"{path}: {failure.Summary}");
            output.WriteLine(FailureReport.Write(file.Scenario, failure, OptimizedMemory.Create).TrimEnd('\n'));
            return ExitCode.Failed;
        }
        totals.Agreed += operations;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: agreed for {operations} of {operations} operations, {expectations} expectations"));
        return operations > 0 ? ExitCode.Held : ExitCode.Inconclusive;
    }

    /// <summary>Lines are read as they are needed; a file that is not text shows in its first line.</summary>
    internal static IEnumerable<string> ReadLines(string path)
    {
        const int LongestLine = 4096;
        using StreamReader reader = OpenText(path);
        int number = 0;
        while (ReadLine(reader, path, number + 1, LongestLine) is string line)
        {
            number++;
            yield return line;
        }
    }

    private static StreamReader OpenText(string path)
    {
        try
        {
            if (Directory.Exists(path))
                throw new BadInputException(path, 0, "is a folder, not a file");
            return new StreamReader(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BadInputException(path, 0, File.Exists(path) ? exception.Message : "there is no such file");
        }
    }

    private static string? ReadLine(StreamReader reader, string path, int number, int longest)
    {
        var line = new System.Text.StringBuilder();
        while (true)
        {
            int character;
            try
            {
                character = reader.Read();
            }
            catch (IOException exception)
            {
                throw new BadInputException(path, number, exception.Message);
            }
            if (character < 0)
                return line.Length == 0 ? null : line.ToString();
            if (character == '\n')
                return line.ToString();
            line.Append((char)character);
            if (line.Length > longest)
                throw new BadInputException(path, number, $"a line of more than {longest} characters");
        }
    }
}
