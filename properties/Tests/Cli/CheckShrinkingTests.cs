using FolioCheck.Cli;
using FolioCheck.Mutation;
using Spectre.Console;
using Xunit;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>What <c>check</c> says of shrinking after a failure.</summary>
public sealed class CheckShrinkingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (string[] Lines, int Saved) Check(bool shrinks)
    {
        using CompiledBug bug = PlantedBugs.Find("fork-references-by-calls")!.Compile();
        using var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Interactive = InteractionSupport.No });
        console.Profile.Width = 1000;
        var options = new CheckOptions(new CampaignOptions(1, MachineChoice.Tiny, 200, null), null, _folder) { Shrinks = shrinks };
        Assert.Equal(ExitCode.Failed, CheckCommand.Run(options, new SystemUnderTest(bug.Create), console, CancellationToken.None));
        string saved = Assert.Single(Directory.GetFiles(_folder, "*.scenario"));
        return (output.ToString().Split('\n', StringSplitOptions.TrimEntries), ScenarioText.Read(saved, File.ReadLines(saved)).Scenario.Operations.Count);
    }

    [Fact]
    public void Each_pass_has_a_row()
    {
        (string[] lines, int saved) = Check(shrinks: true);
        Assert.All(Shrinker.Passes, pass => Assert.Single(lines, line => line.StartsWith($"shrink, pass {pass}: tried ", StringComparison.Ordinal)));
        Assert.InRange(saved, 2, 3);
    }

    [Fact]
    public void Without_shrinking_the_scenario_is_saved_as_it_was_drawn()
    {
        (string[] lines, int saved) = Check(shrinks: false);
        Assert.DoesNotContain(lines, line => line.StartsWith("shrink", StringComparison.Ordinal));
        Assert.True(saved > 3);
    }
}
