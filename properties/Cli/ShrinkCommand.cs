using FolioCheck.Mutation;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>What <c>shrink</c> was asked for.</summary>
/// <param name="Path">The scenario file.</param>
/// <param name="Bug">A planted bug; null for the sound implementation.</param>
/// <param name="Budget">Most runs.</param>
/// <param name="Output">Where the result goes; null for a name like that of the file.</param>
public sealed record ShrinkOptions(string Path, string? Bug, int Budget, string? Output);

/// <summary><c>foliocheck shrink</c>: makes a scenario file that fails as small as it will get.</summary>
public static class ShrinkCommand
{
    /// <summary>Runs the command.</summary>
    /// <returns>An <see cref="ExitCode"/>: failed if the scenario fails, as replaying it says.</returns>
    public static int Run(ShrinkOptions options, TextWriter output, TextWriter errors)
    {
        PlantedBug? planted = options.Bug is null ? null : PlantedBugs.Find(options.Bug);
        if (options.Bug is not null && planted is null)
        {
            errors.WriteLine($"foliocheck: there is no planted bug '{options.Bug}'");
            return ExitCode.Usage;
        }
        Scenario scenario;
        try
        {
            if (ReplayCommand.IsTranscript(options.Path))
                throw new BadInputException(options.Path, 0, "a transcript cannot be shrunk: it says what a kernel did with these very operations");
            scenario = ScenarioText.Read(options.Path, ReplayCommand.ReadLines(options.Path)).Scenario;
        }
        catch (BadInputException exception)
        {
            errors.WriteLine(exception.Message);
            return ExitCode.BadInput;
        }
        using CompiledBug? bug = planted?.Compile();
        return Shrink(options, scenario, bug is null ? HuntedSystem.Sound : HuntedSystem.Of(bug), output);
    }

    private static int Shrink(ShrinkOptions options, Scenario scenario, HuntedSystem system, TextWriter output)
    {
        foreach (Func<Scenario, Failure?> check in Checks(system))
        {
            if (check(scenario) is not Failure failure)
                continue;
            ShrinkResult result = Shrinker.Run(scenario, failure, check, options.Budget);
            return Report(options, scenario, result, check(result.Scenario) ?? failure, system, output);
        }
        output.WriteLine($"{options.Path}: everything held, there is nothing to shrink");
        return ExitCode.Held;
    }

    /// <summary>Lockstep with invariants and step properties, then each law and each property of micro-steps.</summary>
    private static IEnumerable<Func<Scenario, Failure?>> Checks(HuntedSystem system)
    {
        yield return new LockstepRun(system.Tested, Catalogue.All, system.Reference).Run;
        foreach (Property property in Catalogue.All.Where(property => property is Law or EventProperty))
            yield return new PropertyRun(system.Observed, property).Run;
    }

    private static int Report(ShrinkOptions options, Scenario scenario, ShrinkResult result, Failure failure, HuntedSystem system, TextWriter output)
    {
        output.WriteLine(FailureReport.Write(result.Scenario, failure, system.Tested).TrimEnd('\n'));
        var rows = new Rows();
        rows.Add("operations before", scenario.Operations.Count);
        rows.Add("operations after", result.Scenario.Operations.Count);
        ShrinkRows.Add(rows, result);
        output.Write(rows);
        string path = options.Output ?? Path.ChangeExtension(options.Path, ".shrunk.scenario");
        if (AtomicFile.TryWrite(path, ScenarioText.Write(result.Scenario, failure.Summary)) is string reason)
        {
            output.WriteLine($"{path} could not be written: {reason}");
            return ExitCode.CannotWrite;
        }
        output.WriteLine($"saved: {path}");
        return ExitCode.Failed;
    }
}
