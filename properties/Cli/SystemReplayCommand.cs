using System.Globalization;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck replay --system</c>: holds another system against the reference on scenario files, as <c>check</c> saves them.</summary>
public static class SystemReplayCommand
{
    /// <summary>Replays files in order; the gravest end decides, as in <see cref="ReplayCommand"/>.</summary>
    /// <param name="paths">Scenario files.</param>
    /// <param name="system">The system.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="errors">Where messages about bad files go.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> paths, SystemUnderTest system, TextWriter output, TextWriter errors)
    {
        int gravest = ExitCode.Held;
        foreach (string path in paths)
        {
            int code;
            try
            {
                code = Replay(path, system, output);
            }
            catch (BadInputException exception)
            {
                errors.WriteLine(exception.Message);
                code = ExitCode.BadInput;
            }
            gravest = ReplayCommand.Graver(gravest, code);
        }
        return gravest;
    }

    private static int Replay(string path, SystemUnderTest system, TextWriter output)
    {
        if (ReplayCommand.IsTranscript(path))
            throw new BadInputException(path, 0, "a transcript is replayed by reference and implementation only: leave --system out");
        Scenario scenario = ScenarioText.Read(path, ReplayCommand.ReadLines(path)).Scenario;
        int operations = scenario.Operations.Count;
        if (!system.Operations.Includes(scenario))
        {
            output.WriteLine($"{path}: asks for what the system cannot do");
            return ExitCode.Inconclusive;
        }
        if (new Campaign(system).RunWithEveryLaw(scenario) is not Failure failure)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: agreed for {operations} of {operations} operations"));
            return operations > 0 ? ExitCode.Held : ExitCode.Inconclusive;
        }
        output.WriteLine($"{path}: {failure.Summary}");
        output.WriteLine(FailureReport.Write(scenario, failure, system.Observed.IsComplete ? system.Create : null).TrimEnd('\n'));
        return ExitCode.Failed;
    }
}
