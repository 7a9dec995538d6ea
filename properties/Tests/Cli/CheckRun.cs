using FolioCheck.Cli;
using Spectre.Console;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>Runs <c>check</c> on any system, as the command does, and keeps what it said.</summary>
internal static class CheckRun
{
    public static (int Code, string Output) Of(SystemUnderTest system, long cases, string saveTo, Func<CheckOptions, CheckOptions>? with = null)
    {
        using var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Interactive = InteractionSupport.No });
        var options = new CheckOptions(new CampaignOptions(1, MachineChoice.Tiny, cases, null), null, saveTo);
        int code = CheckCommand.Run(with is null ? options : with(options), system, console, CancellationToken.None);
        return (code, output.ToString());
    }
}
