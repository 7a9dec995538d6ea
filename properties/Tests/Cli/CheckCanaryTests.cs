using System.Text.Json;
using System.Xml.Linq;
using FolioCheck.Cli;
using FolioCheck.Mutation;
using Xunit;
using static FolioCheck.Properties.Tests.Cli.CommandRun;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>check lets its own checks catch a planted bug first, and believes nothing if they do not.</summary>
public sealed class CheckCanaryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_canary_that_is_not_caught_ends_the_run_inconclusive()
    {
        string junit = Path.Combine(_folder, "report.xml");
        string json = Path.Combine(_folder, "report.json");
        string markdown = Path.Combine(_folder, "report.md");
        (int code, string output) = CheckRun.Of(SystemChoice.TheImplementation, 20, _folder, options => options with
        {
            Canary = new Canary("no-bug-at-all", SystemChoice.TheImplementation),
            Junit = junit,
            Json = json,
            Markdown = markdown,
        });
        Assert.Equal(ExitCode.Inconclusive, code);
        Assert.Contains("\ninconclusive, nothing was checked: canary no-bug-at-all not caught in ", output, StringComparison.Ordinal);
        Assert.Contains("\ncases: 0\n", output, StringComparison.Ordinal);
        XElement failed = Assert.Single(XDocument.Load(junit).Descendants("failure"));
        Assert.Equal("a planted bug is caught", failed.Parent!.Attribute("name")!.Value);
        Assert.Contains("no-bug-at-all not caught", File.ReadAllText(markdown), StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        Assert.False(report.RootElement.GetProperty("run").GetProperty("complete").GetBoolean());
        Assert.Equal(ExitCode.BadInput, Run("merge", json).Code);
    }

    /// <summary>It changes nothing else, and what the canary was is known from the seed.</summary>
    [Fact]
    public void The_row_says_what_caught_it_or_that_it_was_left_out()
    {
        string path = Path.Combine(_folder, "rows.json");
        string with = Untimed(Run("check", "--seed", "2", "--cases", "20", "--machine", "tiny", "--json", path).Output);
        string without = Untimed(Run("check", "--seed", "2", "--cases", "20", "--machine", "tiny", "--no-canary").Output);
        string text = Canary.Of(2).Run().Text;
        Assert.Contains($"\nmachine: tiny\ncanary: {text}\ncases: 20\n", with, StringComparison.Ordinal);
        Assert.Contains(" caught by ", text, StringComparison.Ordinal);
        Assert.Equal(with.Replace(text, "left out", StringComparison.Ordinal), without);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(path));
        Assert.Equal(text, report.RootElement.GetProperty("rows").GetProperty("canary").GetString());
        string merged = Run("merge", path).Output;
        Assert.Contains($"\ncanary: {text}\n", merged, StringComparison.Ordinal);
    }

    private static string Untimed(string output) => string.Join('\n', output.Split('\n').Where(line =>
        !line.StartsWith("seconds: ", StringComparison.Ordinal) && !line.StartsWith("operations/s: ", StringComparison.Ordinal)));
}
