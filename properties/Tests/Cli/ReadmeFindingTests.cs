using FolioCheck.Mutation;
using Xunit;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>The finding that the README tells from start to finish is still one.</summary>
public sealed class ReadmeFindingTests
{
    [Fact]
    public void The_finding_fails_as_the_readme_says_and_has_the_name_that_it_says()
    {
        string[] lines = File.ReadAllLines(RepositoryRoot.File("README.md"));
        int start = Array.IndexOf(lines, "    $ cat findings/*") + 1;
        Assert.NotEqual(0, start);
        string[] finding = [.. lines.Skip(start).TakeWhile(line => line.Length > 0).Select(line => line[4..])];
        Scenario scenario = ScenarioText.Read("README.md", finding).Scenario;
        string system = Comment(finding, "system: ");

        using CompiledBug bug = PlantedBugs.Find(system.Split(' ')[^1])!.Compile();
        Failure failure = new Campaign(bug.Create).RunWithEveryLaw(scenario)!;
        Assert.Equal(Comment(finding, "failed: "), failure.Summary);
        string name = FailureKind.Of(system, failure).FileName;
        Assert.Contains(lines, line => line == $"    saved: findings/{name}");
    }

    private static string Comment(string[] finding, string name) =>
        finding.Single(line => line.StartsWith("# " + name, StringComparison.Ordinal))[(2 + name.Length)..];
}
