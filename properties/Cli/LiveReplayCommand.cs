using System.Globalization;
using FolioCheck.Live;
using FolioCheck.Properties;
using FolioCheck.Reference;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck replay --system kernel</c>: does scenario files on the running kernel and holds it against the reference.</summary>
public static class LiveReplayCommand
{
    /// <summary>Replays files in order, to the first that differs.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="errors">Where messages about bad files go.</param>
    /// <returns>An <see cref="ExitCode"/>; inconclusive where this kernel cannot be given a scenario.</returns>
    public static int Run(IReadOnlyList<string> paths, TextWriter output, TextWriter errors) => LiveThread.Run(fromOutside: false, output, kernel =>
    {
        int code = ExitCode.Held;
        foreach (string path in paths)
        {
            int one = Replay(new LiveLockstep(kernel), path, output, errors);
            if (one is not (ExitCode.Held or ExitCode.Inconclusive))
                return one;
            code = one == ExitCode.Held ? code : one;
        }
        return code;
    });

    private static int Replay(LiveLockstep lockstep, string path, TextWriter output, TextWriter errors)
    {
        Scenario scenario;
        try
        {
            scenario = ScenarioText.Read(path, File.ReadLines(path)).Scenario;
        }
        catch (BadInputException exception)
        {
            errors.WriteLine(exception.Message);
            return ExitCode.BadInput;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"{path}: {exception.Message}");
            return ExitCode.BadInput;
        }
        if (!lockstep.TryReplay(scenario, out Failure? failure))
        {
            output.WriteLine($"{path}: this kernel cannot be given the machine or an operation of it");
            return ExitCode.Inconclusive;
        }
        if (failure is null)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: agreed for {scenario.Operations.Count} operations, {lockstep.Fields} fields"));
            return ExitCode.Held;
        }
        output.WriteLine($"{path}: {failure.Summary}");
        output.WriteLine(FailureReport.Write(scenario, failure, ReferenceMemory.Create).TrimEnd('\n'));
        return ExitCode.Failed;
    }
}
