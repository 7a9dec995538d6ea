using System.Text.Json;
using FolioCheck.Cli;
using FolioCheck.Properties.Tests.Exec;
using Xunit;
using static FolioCheck.Properties.Tests.Cli.CommandRun;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>The command: exit codes, messages, files written and not written.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Check_repeats_the_extensions_that_machines_have()
    {
        (int code, string output, _) = Run("check", "--no-canary", "--cases", "20", "--machine", "tiny", "--extension", "access-detection", "--extension", "lazy-zeroing");
        Assert.Equal(ExitCode.Held, code);
        Assert.EndsWith(
            "repeat: foliocheck check --seed 1 --machine tiny --cases 20 --extension lazy-zeroing --extension access-detection\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_repeats_the_settings_that_machines_have()
    {
        (int code, string output, _) = Run(
            "check", "--no-canary", "--cases", "20", "--machine", "tiny", "--set", "zeropage=off", "--set", "softdirty=on", "--arch", "x86", "--extension", "lazy-zeroing", "--contpte", "4");
        Assert.Equal(ExitCode.Held, code);
        Assert.EndsWith(
            "repeat: foliocheck check --seed 1 --machine tiny --cases 20 --arch x86 --contpte 4 --extension lazy-zeroing --set zeropage=off --set softdirty=on\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'colour=red' is no machine setting", "--set", "colour=red")]
    [InlineData("'file' is not key=value", "--set", "file")]
    [InlineData("'arch' is set twice", "--arch", "arm64", "--set", "arch=x86")]
    [InlineData("arm64 has no soft-dirty bits", "--arch", "arm64", "--set", "softdirty=on")]
    [InlineData("the kernel's machine is the one that it runs on", "--arch", "x86", "--system", "kernel")]
    [InlineData("32 is not", "--contpte", "32")]
    public void Check_refuses_settings_that_no_machine_can_have(string reason, params string[] options)
    {
        (int code, _, string errors) = Run(["check", .. options]);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lazy", "lazy-zeroing")]
    [InlineData("lazy-zeroing", "no kernel has any", "--system", "kernel")]
    public void Check_refuses_extensions_that_there_are_not(string name, string reason, params string[] more)
    {
        (int code, _, string errors) = Run(["check", "--extension", name, .. more]);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_prints_options_first_rows_and_the_repeating_command_last()
    {
        (int code, string output, _) = Run("check", "--no-canary", "--seed", "5", "--cases", "120", "--machine", "tiny");
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(ExitCode.Held, code);
        Assert.Equal("foliocheck check --seed 5 --machine tiny --cases 120", lines[0]);
        Assert.Equal("repeat: foliocheck check --seed 5 --machine tiny --cases 120", lines[^1]);
        Assert.All(new[] { "cases: 120", "divergences: 0" }, row => Assert.Contains(row, lines));
        Assert.All(new[] { "operations: ", "mean mapped PTEs: ", "operations/s: " }, row => Assert.Contains(lines, line => line.StartsWith(row, StringComparison.Ordinal)));
    }

    [Fact]
    public void Json_holds_the_same_rows_and_times_apart()
    {
        string path = Path.Combine(_folder, "rows.json");
        string other = Path.Combine(_folder, "again.json");
        Run("check", "--no-canary", "--cases", "110", "--machine", "tiny", "--json", path);
        Run("check", "--no-canary", "--cases", "110", "--machine", "tiny", "--json", other);
        using JsonDocument first = JsonDocument.Parse(File.ReadAllText(path));
        using JsonDocument second = JsonDocument.Parse(File.ReadAllText(other));
        Assert.Equal(110, first.RootElement.GetProperty("rows").GetProperty("cases").GetInt64());
        Assert.Equal(first.RootElement.GetProperty("rows").GetRawText(), second.RootElement.GetProperty("rows").GetRawText());
        Assert.True(first.RootElement.GetProperty("timed").GetProperty("operations/s").GetDouble() > 0);
        Assert.False(first.RootElement.GetProperty("rows").TryGetProperty("seconds", out _));
    }

    [Fact]
    public void A_timed_run_names_the_cases_that_repeat_it()
    {
        (int code, string output, _) = Run("check", "--no-canary", "--time", "1s", "--machine", "tiny");
        string repeat = output.TrimEnd('\n').Split('\n')[^1];
        Assert.NotEqual(ExitCode.Failed, code);
        Assert.Matches(@"^repeat: foliocheck check --seed 1 --machine tiny --cases \d+00$", repeat);
    }

    [Theory]
    [InlineData("--frobnicate")]
    [InlineData("check", "--seed", "minus")]
    [InlineData("check", "--cases", "0")]
    [InlineData("check", "--cases", "-4")]
    [InlineData("check", "--time", "soon")]
    [InlineData("check", "--time", "0s")]
    [InlineData("check", "--time", "99999999999h")]
    [InlineData("check", "--machine", "enormous")]
    [InlineData("check", "--cases", "5", "--time", "5s")]
    [InlineData("check", "--system", "kernal")]
    [InlineData("check", "--system", "exec:")]
    [InlineData("check", "--system", "exec:no-such-memory-manager --fast")]
    [InlineData("check", "--limit", "soon")]
    [InlineData("serve", "--bug", "no-such-bug")]
    [InlineData("check", "surplus")]
    [InlineData("replay")]
    [InlineData("dance")]
    public void Bad_usage_is_64_with_one_message(params string[] arguments)
    {
        (int code, string output, string errors) = Run(arguments);
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("foliocheck: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Equal("", output);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("empty.scenario", "", "the file is empty")]
    [InlineData("empty.jsonl", "", "the file is empty")]
    [InlineData("bad.jsonl", "{\"schema\":\"ko-trace/9\"}\n", ":1: ")]
    [InlineData("cut.jsonl", "{\"arena\":", ":1: ")]
    [InlineData("binary.jsonl.gz", "not gzip at all", "")]
    [InlineData("short.scenario", "foliocheck-scenario 1\n", ":1: the machine line is missing")]
    public void Bad_input_is_65_with_file_and_reason(string name, string text, string reason)
    {
        string path = Write(name, text);
        (int code, string output, string errors) = Run("replay", path);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.StartsWith(path, errors, StringComparison.Ordinal);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Equal("", output);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("nowhere.scenario")]
    [InlineData("nowhere.jsonl")]
    [InlineData("")]
    public void A_missing_file_or_a_folder_is_bad_input(string name)
    {
        (int code, _, string errors) = Run("replay", Path.Combine(_folder, name));
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Equal(2, errors.Split('\n').Length);
    }

    [Fact]
    public void An_endless_line_is_refused_early()
    {
        (int code, _, string errors) = Run("replay", Write("long.scenario", new string('x', 1 << 20)));
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(":1: a line of more than", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Replay_of_a_scenario_agrees_or_says_where_it_does_not()
    {
        string text = "foliocheck-scenario 1\nmachine table=8 contpte=4 frames=64 batches=kernel\nthp 2=always\n0 mmap(0, 4, rw)\n0 write(1, 5) = ok\n| 0: AAAA\n";
        (int code, string output, _) = Run("replay", Write("good.scenario", text));
        Assert.Equal(ExitCode.Held, code);
        Assert.Contains("agreed for 2 of 2 operations, 2 expectations", output, StringComparison.Ordinal);
        (code, output, _) = Run("replay", Write("wrong.scenario", text.Replace("AAAA", "BBBB")));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("wrong.scenario:6: the reference does not do what the file says", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Replay_of_what_is_not_modelled_yet_is_inconclusive()
    {
        (int code, string output, _) = Run("replay", RepositoryRoot.File("properties", "corpus", "transcripts", "swap-1.jsonl.gz"));
        Assert.Equal(ExitCode.Inconclusive, code);
        Assert.Contains("agreed for 8 of 54 operations", output, StringComparison.Ordinal);
        Assert.Contains("madvise PAGEOUT is not modelled yet", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_gravest_of_several_files_decides()
    {
        string good = RepositoryRoot.File("properties", "corpus", "transcripts", "cow-1.jsonl.gz");
        Assert.Equal(ExitCode.Held, Run("replay", good).Code);
        Assert.Equal(ExitCode.BadInput, Run("replay", good, Write("empty.jsonl", "")).Code);
    }

    [Fact]
    public void Rows_that_cannot_be_written_are_said_so()
    {
        (int code, string output, _) = Run("check", "--no-canary", "--cases", "5", "--machine", "tiny", "--json", Path.Combine(_folder, "no", "such", "folder.json"));
        Assert.Equal(ExitCode.CannotWrite, code);
        Assert.Contains("folder.json: ", output, StringComparison.Ordinal);
    }

    /// <summary>A program that ends without a word is no system; that it cannot be used is said before anything runs.</summary>
    [NeedsProgramFact("true")]
    public void A_program_that_does_not_speak_the_protocol_is_bad_input()
    {
        (int code, string output, string errors) = Run("check", "--system", "exec:true", "--save", _folder);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Equal("foliocheck: the program ended with exit code 0 before it answered 'foliocheck 1'\n", errors);
        Assert.Equal("", output);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Help_names_every_option()
    {
        (int code, string output, _) = Run("check", "--help");
        Assert.Equal(0, code);
        Assert.All(new[] { "--seed", "--cases", "--time", "--machine", "--system", "--limit", "--json", "--save", "--no-canary" }, option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Explore_searches_a_world_and_goes_on_from_a_checkpoint()
    {
        string checkpoint = Path.Combine(_folder, "progress");
        (int code, string output, _) = Run("explore", "--depth", "1", "--checkpoint", checkpoint);
        Assert.Equal(ExitCode.Held, code);
        Assert.Contains("depth 1: states ", output, StringComparison.Ordinal);
        Assert.Contains("divergences: 0", output, StringComparison.Ordinal);
        string[] resumed = Rows(Run("explore", "--depth", "2", "--resume", checkpoint).Output);
        Assert.Equal(Rows(Run("explore", "--depth", "2", "--workers", "1").Output), resumed);

        static string[] Rows(string output) =>
            [.. output.Split('\n').Where(line => !line.StartsWith("seconds", StringComparison.Ordinal) && !line.StartsWith("memory", StringComparison.Ordinal))];
    }

    [Fact]
    public void Explore_says_what_it_cannot_use()
    {
        Assert.Equal(ExitCode.Usage, Run("explore", "--world", "nowhere").Code);
        Assert.Equal(ExitCode.Usage, Run("explore", "--workers", "0").Code);
        Assert.Equal(ExitCode.Usage, Run("explore", "--bug", "no-such-bug").Code);
        Assert.Equal(ExitCode.BadInput, Run("explore", "--resume", Path.Combine(_folder, "absent")).Code);
        Assert.Equal(ExitCode.BadInput, Run("explore", "--resume", Write("other", "something else, but long enough to hold a checksum")).Code);
        Assert.Equal(ExitCode.CannotWrite, Run("explore", "--depth", "1", "--checkpoint", Path.Combine(_folder, "absent", "file")).Code);
    }

    [Fact]
    public void Explore_saves_the_shortest_scenario_and_shrink_shrinks_it()
    {
        (int code, string output, _) = Run("explore", "--depth", "2", "--bug", "fork-references-by-calls", "--save", _folder);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("shortest: 2", output, StringComparison.Ordinal);
        string saved = Path.Combine(_folder, "foliocheck-explore-core.scenario");
        string small = Path.Combine(_folder, "small.scenario");
        (code, output, _) = Run("shrink", saved, "--bug", "fork-references-by-calls", "--output", small);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("operations after: 3", output, StringComparison.Ordinal);
        Assert.Contains("shrink, pass chunks: tried ", output, StringComparison.Ordinal);
        Assert.Equal(3, ScenarioText.Read(small, File.ReadLines(small)).Scenario.Operations.Count);
        Assert.Equal(ExitCode.Held, Run("shrink", saved).Code);
        Assert.Equal(ExitCode.BadInput, Run("shrink", Path.Combine(_folder, "absent.scenario")).Code);
        Assert.Equal(ExitCode.Usage, Run("shrink", saved, "--bug", "no-such-bug").Code);
    }
}
