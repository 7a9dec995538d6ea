using FolioCheck.Mutation;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>What <c>report</c> was asked for.</summary>
/// <param name="File">A scenario file or a transcript.</param>
/// <param name="System">The tested system, as <c>--system</c> names it.</param>
public sealed record ReportOptions(string File, string System = SystemChoice.Implementation)
{
    /// <summary>A planted bug that the implementation shall have; null for none.</summary>
    public string? Bug { get; init; }

    /// <summary>File for the page; null for none.</summary>
    public string? Html { get; init; }

    /// <summary>Whether a C program is asked for.</summary>
    public bool C { get; init; }

    /// <summary>File for the C program; null for the output.</summary>
    public string? CFile { get; init; }

    /// <summary>Whether the steps are printed; they are, too, when nothing else is asked for.</summary>
    public bool Text { get; init; }

    /// <summary>The command that repeats the scenario.</summary>
    public string Repeat => $"foliocheck replay {SystemChoice.Option(Bug is null ? System : $"exec:foliocheck serve --bug {Bug}")}{File}";
}

/// <summary><c>foliocheck report</c>: one scenario for people to read, as a page, as text, or as a C program that does it with system calls.</summary>
public static class ReportCommand
{
    /// <summary>Writes what was asked for.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="limit">Time for one answer of a program.</param>
    /// <param name="output">Where text goes.</param>
    /// <param name="errors">Where it is said what is wrong.</param>
    /// <returns>An <see cref="ExitCode"/>: held when the reports were written, whether the scenario holds or not.</returns>
    public static int Run(ReportOptions options, TimeSpan limit, TextWriter output, TextWriter errors)
    {
        if (options.Bug is null)
            return SystemChoice.Run(options.System, limit, errors, system => Write(options, system, output, errors));
        if (PlantedBugs.Find(options.Bug) is not { Layer: BugLayer.Implementation } planted)
        {
            errors.WriteLine($"foliocheck: there is no planted bug '{options.Bug}' in the implementation");
            return ExitCode.Usage;
        }
        using CompiledBug bug = planted.Compile();
        return Write(options, new SystemUnderTest(bug.Create), output, errors);
    }

    private static int Write(ReportOptions options, SystemUnderTest system, TextWriter output, TextWriter errors)
    {
        try
        {
            if (options.C && WriteFile(options.CFile, SelftestProgram.Write(SelftestSource.Read(options.File)), output, errors) is int failed and not ExitCode.Held)
                return failed;
            bool text = options.Text || !options.C && options.Html is null;
            if (!text && options.Html is null)
                return ExitCode.Held;
            Story? story = Tell(options, system, errors);
            if (story is null)
                return ExitCode.Inconclusive;
            if (text)
                output.Write(TextReport.Write(story));
            return options.Html is null ? ExitCode.Held : WriteFile(options.Html, HtmlReport.Write(story), output, errors);
        }
        catch (BadInputException exception)
        {
            errors.WriteLine(exception.Message);
            return ExitCode.BadInput;
        }
    }

    private static Story? Tell(ReportOptions options, SystemUnderTest system, TextWriter errors)
    {
        bool transcript = ReplayCommand.IsTranscript(options.File);
        if (transcript && !system.Observed.IsComplete)
            throw new BadInputException(options.File, 0, "a transcript is told only of a system that shows whole states");
        Story story = transcript ? Story.OfTranscript(options.File, options.Repeat, system.Create) : Story.OfScenario(options.File, options.Repeat);
        if (system.Operations.Includes(story.Scenario))
            return story.Told(system);
        errors.WriteLine($"{options.File}: asks for what the system cannot do");
        return null;
    }

    /// <summary>Writes a file, or to the output where none is named.</summary>
    private static int WriteFile(string? path, string text, TextWriter output, TextWriter errors)
    {
        if (path is null)
        {
            output.Write(text);
            return ExitCode.Held;
        }
        if (AtomicFile.TryWrite(path, text) is string reason)
        {
            errors.WriteLine($"foliocheck: {path}: {reason}");
            return ExitCode.CannotWrite;
        }
        output.WriteLine("written: " + path);
        return ExitCode.Held;
    }
}
