using FolioCheck.Cli;
using FolioCheck.Exec;
using FolioCheck.Implementation;
using FolioCheck.Mutation;
using Xunit;
using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>Our own implementation as a program: the protocol changes no verdict.</summary>
public sealed class ServeTests(ITestOutputHelper output)
{
    private static ProgramCommand Serve(params string[] arguments) =>
        new("dotnet", ["exec", typeof(CommandLine).Assembly.Location, "serve", .. arguments]) { TimeLimit = TimeSpan.FromMinutes(2) };

    private static Scenario Draw(int number) =>
        ScenarioGenerator.Draw(new RandomChoices((ulong)number), MachineChoice.Default, number % 100);

    [Fact]
    public void Verdicts_are_those_of_the_same_system_in_process_on_200_scenarios()
    {
        using ExecSystem program = ExecSystem.Start(Serve());
        var inProcess = new CaseRunner(new SystemUnderTest(OptimizedMemory.Create));
        var outside = new CaseRunner(program.UnderTest);
        for (int i = 0; i < 200; i++)
        {
            Scenario scenario = Draw(i);
            Assert.Equal(inProcess.Run(scenario, i, twice: false), outside.Run(scenario, i, twice: false));
        }
        Tally tally = outside.Figures().Tally;
        output.WriteLine($"{tally.Applied} operations, mean mapped PTEs {tally.MeanMappedPtes:0.0}");
        Assert.True(tally.MeanMappedPtes >= 64);
        Assert.Equal(inProcess.Figures().Tally.Effective, tally.Effective);
        Assert.Equal(inProcess.Figures().Premises, outside.Figures().Premises);
    }

    [Theory]
    [InlineData("fork-protects-child-only")]
    [InlineData("mmid-third-replaces-second")]
    public void Verdicts_are_the_same_where_a_planted_bug_shows(string id)
    {
        using CompiledBug bug = PlantedBugs.Find(id)!.Compile();
        using ExecSystem program = ExecSystem.Start(Serve("--bug", id));
        var inProcess = new LockstepRun(bug.Create, Catalogue.All);
        var outside = new LockstepRun(program.UnderTest.Create, Catalogue.All);
        int failed = 0;
        for (int i = 0; i < 40; i++)
        {
            Scenario scenario = Draw(i);
            Failure? expected = inProcess.Run(scenario);
            Assert.Equal(expected, outside.Run(scenario));
            failed += expected is null ? 0 : 1;
        }
        Assert.InRange(failed, 1, 39);
    }

    [Theory]
    [InlineData("foliocheck 2", "answers to 'foliocheck 1'")]
    [InlineData("observe", "there is no machine yet")]
    [InlineData("0 fork(1)", "there is no machine yet")]
    [InlineData("thp global=madvise", "the machine line comes before the thp line")]
    [InlineData("0 dance()", "unknown call 'dance'")]
    [InlineData("nonsense", "is not an operation")]
    public void What_cannot_be_answered_is_said(string line, string error)
    {
        using var answers = new StringWriter();
        ProtocolServer.Run(OptimizedMemory.Create, "test", new StringReader(line + "\n"), answers);
        Assert.StartsWith("{\"error\":", answers.ToString(), StringComparison.Ordinal);
        Assert.Contains(error, answers.ToString().Replace("\\u0027", "'"), StringComparison.Ordinal);
    }
}
