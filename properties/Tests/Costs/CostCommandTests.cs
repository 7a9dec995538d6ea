using System.Text.Json;
using FolioCheck.Cli;
using FolioCheck.Reference;
using Spectre.Console;
using Xunit;
using static FolioCheck.Properties.Tests.Cli.CommandRun;

namespace FolioCheck.Properties.Tests.Costs;

/// <summary>The commands <c>cost</c> and <c>page-fault3</c>: what they print and write, and their exit codes.</summary>
public sealed class CostCommandTests : IDisposable
{
    private static readonly string _case2 = RepositoryRoot.File("properties", "corpus", "costs", "page-fault3-2-large-folios-by-page.scenario");

    private static readonly CountedLayer[] _different =
    [
        new("reference", ReferenceMemory.Create), new("forgetful", (machine, events) => new ForgetfulMemory(machine, events)),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void The_implementation_is_counted() => Assert.Equal(["reference", "implementation"], CountedLayers.All.Select(layer => layer.Name));

    [Fact]
    public void Cost_prints_a_row_a_scenario()
    {
        (int code, string output, string errors) = Run("cost", _case2, _case2.Replace("2-large-folios-by-page", "4-whole-folios"));
        Assert.Equal((ExitCode.Held, ""), (code, errors));
        Assert.Equal(["page-fault3-2-large-folios-by-page", "256", "544", "512", "512", "16", "0", "0", "16", "0", "16", "0", "1", "256"], Row(output, "page-fault3-2"));
        Assert.Equal(["page-fault3-4-whole-folios", "16", "288", "256", "256", "0", "16", "0", "16", "0", "0", "0", "1", "256"], Row(output, "page-fault3-4"));
        Assert.EndsWith("differences: 0\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Per_operation_prints_a_row_an_operation_and_the_total()
    {
        string output = Run("cost", "--per-operation", _case2).Output;
        Assert.Equal(["0", "write_range(0x0,", "256,", "1)", "256", "512", "512", "256", "16", "0", "0", "0", "0", "16", "0", "0", "256"], Row(output, "0 write_range"));
        Assert.Equal(["0", "munmap(0x0,", "256)", "0", "32", "0", "256", "0", "0", "0", "16", "0", "0", "0", "1", "0"], Row(output, "0 munmap"));
        Assert.Equal(["total", "256", "544", "512", "512", "16", "0", "0", "16", "0", "16", "0", "1", "256"], Row(output, "total"));
    }

    [Fact]
    public void Json_has_the_same_counts()
    {
        string path = Path.Combine(_folder, "counts.json");
        Run("cost", _case2, "--per-operation", "--json", path);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement scenario = Assert.Single(json.RootElement.GetProperty("scenarios").EnumerateArray());
        Assert.Equal(3, scenario.GetProperty("operations").GetInt32());
        Assert.Equal(16, scenario.GetProperty("counts").GetProperty("block invalidations").GetInt64());
        JsonElement[] steps = [.. scenario.GetProperty("steps").EnumerateArray()];
        Assert.Equal("0 munmap(0x0, 256)", steps[2].GetProperty("operation").GetString());
        Assert.Equal("ok", steps[2].GetProperty("outcome").GetString());
        Assert.Equal([0, 256, 0], steps.Select(step => step.GetProperty("rss after").GetInt64()));
        Assert.Equal(256, steps[2].GetProperty("counts").GetProperty("exchanges").GetInt64());
        Assert.Empty(json.RootElement.GetProperty("differences").EnumerateArray());
    }

    [Fact]
    public void Layers_that_count_differently_fail()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        int code = CostCommand.Run(new CostOptions([_case2], PerOperation: false, Json: null), _different, console, errors);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains($"{_case2}: the forgetful counts otherwise at step 2, 0 write_range(0x0, 256, 1): folds: expected 16, found 0", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("differences: 1\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_files_are_bad_input_and_the_others_are_counted()
    {
        (int code, string output, string errors) = Run("cost", Path.Combine(_folder, "nowhere.scenario"), _case2, Write("bad.scenario", "foliocheck-scenario 1\nmachine table=7\n"));
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("nowhere.scenario: there is no such file", errors, StringComparison.Ordinal);
        Assert.Contains("bad.scenario:2: a leaf table holds 8 to 512 entries", errors, StringComparison.Ordinal);
        Assert.Equal("256", Row(output, "page-fault3-2")[1]);
    }

    [Fact]
    public void What_is_not_modelled_and_what_does_nothing_is_inconclusive()
    {
        string machine = "foliocheck-scenario 1\nmachine table=8 contpte=4 frames=64 file=8 file_order=2 finish_fault=page fault_around=8\n";
        Assert.Equal(ExitCode.Inconclusive, Run("cost", Write("none.scenario", machine)).Code);
        Assert.Equal(ExitCode.Inconclusive, Run("cost", Write("other.scenario", machine + "0 mmap_file(0x0, 8, rw, 0x0)\n0 mprotect(0x0, 1, r)\n")).Code);
    }

    [Fact]
    public void Counts_that_cannot_be_written_are_said_so()
    {
        string nowhere = Path.Combine(_folder, "no", "such", "folder.json");
        (int code, _, string errors) = Run("cost", _case2, "--json", nowhere);
        Assert.Equal(ExitCode.CannotWrite, code);
        Assert.StartsWith(nowhere + ": ", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cost")]
    [InlineData("page-fault3", "--output", "page_fault3.txt")]
    public void Bad_usage_is_64(params string[] arguments)
    {
        (int code, _, string errors) = Run(arguments);
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("foliocheck: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_fault3_says_what_is_fitted_and_what_is_predicted()
    {
        (int code, string output, _) = Run("page-fault3");
        Assert.Equal(ExitCode.Held, code);
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(["predicted", "fitted", "fitted", "predicted"], lines.Where(line => line.StartsWith("case ", StringComparison.Ordinal)).Select(line => line.Contains("predicted", StringComparison.Ordinal) ? "predicted" : "fitted"));
    }

    [Fact]
    public void Page_fault3_writes_nothing_when_layers_count_differently()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Assert.Equal(ExitCode.Failed, PageFault3Command.Run(Path.Combine(_folder, "page_fault3.md"), _different, output, errors));
        Assert.Contains("the forgetful counts otherwise at step 2", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Page_fault3_says_what_it_cannot_write()
    {
        (int code, _, string errors) = Run("page-fault3", "--output", Path.Combine(_folder, "absent", "page_fault3.md"));
        Assert.Equal(ExitCode.CannotWrite, code);
        Assert.Contains("page_fault3.md: ", errors, StringComparison.Ordinal);
    }

    /// <summary>The cells of the row of a table that begins so.</summary>
    private static string[] Row(string output, string start) =>
        output.Split('\n').Single(line => line.TrimStart().StartsWith(start, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
