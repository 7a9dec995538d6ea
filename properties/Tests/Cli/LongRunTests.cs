using System.Text.Json;
using System.Text.Json.Nodes;
using FolioCheck.Cli;
using Xunit;
using static FolioCheck.Properties.Tests.Cli.CommandRun;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>Workers, shards, checkpoints and merges on the command line.</summary>
public sealed class LongRunTests : IDisposable
{
    private static readonly string[] _check = ["check", "--no-canary", "--seed", "5", "--cases", "250", "--machine", "tiny"];
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static string Untimed(string output) => string.Join('\n', output.Split('\n').Where(line =>
        !line.StartsWith("seconds: ", StringComparison.Ordinal) && !line.Contains("operations/s", StringComparison.Ordinal)));

    /// <summary>The report without the member that holds times.</summary>
    private static string Untimed(JsonDocument report) =>
        string.Join('\n', report.RootElement.EnumerateObject().Where(member => member.Name != "timed").Select(member => member.ToString()));

    private string Report(string name)
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(In(name)));
        return Untimed(report);
    }

    [Fact]
    public void Reports_are_the_same_bytes_with_one_worker_or_two_and_twice()
    {
        string one = Untimed(Run([.. _check, "--workers", "1", "--json", In("one.json")]).Output);
        string two = Untimed(Run([.. _check, "--workers", "2", "--json", In("two.json")]).Output);
        string again = Untimed(Run([.. _check, "--workers", "2", "--json", In("again.json")]).Output);
        Assert.Equal(one, two);
        Assert.Equal(one, again);
        Assert.Equal(Report("one.json"), Report("two.json"));
        Assert.Equal(Report("one.json"), Report("again.json"));
    }

    [Fact]
    public void Features_are_rows_and_in_the_report()
    {
        string output = Run([.. _check, "--json", In("rows.json")]).Output;
        Assert.Contains("\nfeature, third sharer untracked: ", output, StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(In("rows.json")));
        Assert.True(report.RootElement.GetProperty("rows").GetProperty("feature, third sharer untracked").GetInt64() > 0);
        Assert.Equal(FeatureCatalogue.All.Count, report.RootElement.GetProperty("figures").GetProperty("features").EnumerateObject().Count());
    }

    [Fact]
    public void Plain_is_said_in_the_command_that_repeats()
    {
        string output = Run([.. _check, "--plain"]).Output;
        Assert.EndsWith("repeat: foliocheck check --seed 5 --machine tiny --cases 250 --plain\n", output, StringComparison.Ordinal);
        Assert.NotEqual(Untimed(output).Replace(" --plain", "", StringComparison.Ordinal), Untimed(Run(_check).Output));
    }

    [Fact]
    public void Shards_are_joined_and_only_when_they_fit()
    {
        foreach (string shard in new[] { "1", "2", "3" })
            Assert.Equal(ExitCode.Held, Run([.. _check, "--plain", "--shard", shard + "/3", "--json", In(shard + ".json")]).Code);
        Run([.. _check, "--plain", "--json", In("whole.json")]);
        Assert.Equal(ExitCode.Held, Run("merge", In("3.json"), In("1.json"), In("2.json"), "--json", In("joined.json")).Code);
        using JsonDocument joined = JsonDocument.Parse(File.ReadAllText(In("joined.json")));
        using JsonDocument whole = JsonDocument.Parse(File.ReadAllText(In("whole.json")));
        Assert.Equal(whole.RootElement.GetProperty("figures").ToString(), joined.RootElement.GetProperty("figures").ToString());

        Run("check", "--no-canary", "--seed", "6", "--cases", "250", "--machine", "tiny", "--plain", "--shard", "2/3", "--json", In("seed.json"));
        Refused("missing: shard 2/3, 3/3", "1.json");
        Refused("2.json: shard 2/3 is in ", "2.json", "2.json", "1.json", "3.json");
        Refused("seed.json: not the campaign of ", "1.json", "seed.json", "3.json");
        Refused("whole.json: shard 1/1, but ", "1.json", "whole.json");
        Refused("no.json: ", "no.json");
        File.WriteAllText(In("bad.json"), "{\"rows\": {}}");
        Refused("bad.json: no report of check --json: run is missing", "bad.json");
        File.WriteAllText(In("stopped.json"), File.ReadAllText(In("2.json")).Replace("\"complete\": true", "\"complete\": false", StringComparison.Ordinal));
        Refused("stopped.json: shard 2/3 was stopped after 100 cases", "1.json", "stopped.json", "3.json");
        JsonNode old = JsonNode.Parse(File.ReadAllText(In("2.json")))!;
        old["run"]!["version"] = "0.9";
        File.WriteAllText(In("old.json"), old.ToJsonString());
        Refused("version 0.9, not ", "1.json", "old.json", "3.json");
    }

    private void Refused(string reason, params string[] files)
    {
        (int code, string output, string errors) = Run(["merge", .. files.Select(In)]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.Equal("", output);
    }

    [Fact]
    public void The_first_failure_of_all_shards_is_the_failure()
    {
        Run([.. _check, "--plain", "--shard", "1/2", "--json", In("1.json")]);
        Run([.. _check, "--plain", "--shard", "2/2", "--json", In("2.json")]);
        Fail("1.json", 203);
        Fail("2.json", 117);
        (int code, string output, _) = Run("merge", In("1.json"), In("2.json"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith("failed at case 117: something", output, StringComparison.Ordinal);
        Assert.Contains("\ndivergences: 1\n", output, StringComparison.Ordinal);
    }

    private void Fail(string name, int number) => File.WriteAllText(In(name), File.ReadAllText(In(name)).Replace(
        "\"failure\": null", $"\"failure\": {{\"case\": {number}, \"summary\": \"something\", \"scenario\": \"\"}}", StringComparison.Ordinal));

    [Fact]
    public void A_run_goes_on_from_its_checkpoint_and_from_no_other()
    {
        string[] run = [.. _check, "--checkpoint", In("run.checkpoint")];
        string first = Run(run).Output;
        string again = Run(run).Output;
        Assert.Contains("going on after 250 cases\n", again, StringComparison.Ordinal);
        Assert.Equal(Untimed(first), Untimed(again.Replace("going on after 250 cases\n", "", StringComparison.Ordinal)));
        (int code, string output, _) = Run("check", "--no-canary", "--seed", "6", "--cases", "250", "--machine", "tiny", "--checkpoint", In("run.checkpoint"));
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("a checkpoint of another run: seed 5, not 6", output, StringComparison.Ordinal);
        File.WriteAllText(In("run.checkpoint"), "{");
        Assert.Equal(ExitCode.BadInput, Run(run).Code);
        Assert.Equal(ExitCode.CannotWrite, Run([.. _check, "--checkpoint", In(Path.Combine("no", "such.checkpoint"))]).Code);
    }

    [Fact]
    public void Features_are_listed_with_what_they_are()
    {
        (int code, string output, _) = Run("features");
        Assert.Equal(ExitCode.Held, code);
        Assert.StartsWith("third sharer untracked: A process maps a large folio of which both slots belong to others.\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check", "--shard", "3/2")]
    [InlineData("check", "--shard", "0/2")]
    [InlineData("check", "--shard", "two")]
    [InlineData("check", "--shard", "1/2", "--time", "5s")]
    [InlineData("check", "--workers", "0")]
    [InlineData("check", "--workers", "2", "--system", "exec:true")]
    [InlineData("check", "--shard", "1/2", "--system", "kernel")]
    [InlineData("merge")]
    public void Bad_usage_is_64(params string[] arguments)
    {
        (int code, string output, string errors) = Run(arguments);
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("foliocheck: ", errors, StringComparison.Ordinal);
        Assert.Equal("", output);
    }
}
