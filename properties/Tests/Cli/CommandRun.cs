using FolioCheck.Cli;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>The command line, run within the test.</summary>
internal static class CommandRun
{
    /// <summary>Runs a command; returns its exit code and what it wrote.</summary>
    public static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = CommandLine.Run(arguments, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
