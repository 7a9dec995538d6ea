using FolioCheck.Cli;
using Xunit;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>A program that ends in the middle, from the command line: shrunk to what ends it, and saved.</summary>
public sealed class CrashingProgramTests : IDisposable
{
    private const string Script = """
        forks=0
        while read -r line; do
          case "$line" in
            foliocheck*) echo '{"protocol":1,"name":"crashes","operations":["fork","thp_disable"],"orders":[0],"observes":[]}' ;;
            reset) forks=0; echo '{}' ;;
            machine*|thp*) echo '{}' ;;
            *fork*) forks=$((forks + 1)); if [ $forks = 2 ]; then echo 'no such area' >&2; exit 9; fi; echo '{"outcome":"ok"}' ;;
            *) echo '{"outcome":"ok"}' ;;
          esac
        done
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsProgramFact(Programs.Shell)]
    public void It_is_shrunk_and_saved_with_its_last_words()
    {
        string program = Path.Combine(_folder, "crashes.sh");
        File.WriteAllText(program, Script.ReplaceLineEndings("\n"));
        using var output = new StringWriter();
        int code = CommandLine.Run(
            ["check", "--no-canary", "--system", $"exec:sh {program}", "--seed", "3", "--cases", "20", "--limit", "60s", "--save", _folder], output, TextWriter.Null);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("exit code 9 before it answered", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("last lines of standard error: no such area", output.ToString(), StringComparison.Ordinal);
        string saved = Assert.Single(Directory.GetFiles(_folder, "*.scenario"));
        Assert.Equal(2, ScenarioText.Read(saved, File.ReadLines(saved)).Scenario.Operations.Count);
    }
}
