using System.CommandLine.Parsing;
using FolioCheck.Exec;
using FolioCheck.Implementation;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>The systems that <c>--system</c> names.</summary>
public static class SystemChoice
{
    /// <summary>The one that is checked when nothing is said.</summary>
    public const string Implementation = "implementation";

    /// <summary>The running kernel. It is not a memory that answers calls, so its commands have a loop of their own.</summary>
    public const string Kernel = "kernel";

    /// <summary>The implementation of this project.</summary>
    public static SystemUnderTest TheImplementation { get; } = new(OptimizedMemory.Create) { CreateTraced = OptimizedMemory.Create };

    private const string ExecPrefix = "exec:";

    /// <summary>Returns what is wrong with a choice, or null.</summary>
    public static string? Validate(string choice) => choice switch
    {
        Implementation or Kernel => null,
        _ when choice.StartsWith(ExecPrefix, StringComparison.Ordinal) => Words(choice).Length > 0 ? null : "exec: needs a command",
        _ => $"'{choice}' is no system: {Implementation}, {Kernel} or {ExecPrefix}COMMAND",
    };

    /// <summary>Opens a system, does something with it and closes it.</summary>
    /// <param name="choice">The system; it was validated.</param>
    /// <param name="limit">Time for one answer of a program.</param>
    /// <param name="errors">Where it is said why a program cannot be used.</param>
    /// <param name="use">What is done.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(string choice, TimeSpan limit, TextWriter errors, Func<SystemUnderTest, int> use) => choice switch
    {
        Implementation => use(TheImplementation),
        _ => RunProgram(Words(choice), limit, errors, use),
    };

    /// <summary>The option that names a choice, with a blank after it, as a command line repeats it; nothing for the default.</summary>
    public static string Option(string choice) => choice == Implementation ? "" : $"--system \"{choice.Replace("\"", "\\\"", StringComparison.Ordinal)}\" ";

    private static int RunProgram(string[] words, TimeSpan limit, TextWriter errors, Func<SystemUnderTest, int> use)
    {
        ExecSystem program;
        try
        {
            program = ExecSystem.Start(new ProgramCommand(words[0], words[1..]) { TimeLimit = limit });
        }
        catch (SystemFailureException exception)
        {
            errors.WriteLine($"foliocheck: {exception.Message}");
            return exception.Kind == ProgramFailure.NotStarted ? ExitCode.Usage : ExitCode.BadInput;
        }
        using (program)
            return use(program.UnderTest);
    }

    private static string[] Words(string choice) => [.. CommandLineParser.SplitCommandLine(choice[ExecPrefix.Length..])];
}
