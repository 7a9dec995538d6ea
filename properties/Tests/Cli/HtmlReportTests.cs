using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using FolioCheck.Cli;
using Xunit;
using static FolioCheck.Properties.Tests.Cli.CommandRun;

namespace FolioCheck.Properties.Tests.Cli;

/// <summary>The page of a scenario: complete in itself, the same bytes each time, and showing in a browser what it should.</summary>
public sealed partial class HtmlReportTests : IDisposable
{
    private const string Text =
        "foliocheck-scenario 1\nmachine table=8 contpte=4 frames=64 batches=kernel quirks=none\nthp global=madvise 2=always\n"
        + "0 mmap(0x0, 10, rw)\n0 write(0x1, 5)\n0 fork(1)\n1 write(0x2, 9)\n1 madvise(0x8, 1, GUARD_INSTALL)\n0 read(0x9)\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("foliocheck-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Scenario(string name = "some.scenario", string text = Text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private string Report(string scenario, string name, params string[] more)
    {
        string page = Path.Combine(_folder, name);
        (int code, string output, string errors) = Run(["report", scenario, "--html", page, .. more]);
        Assert.Equal((ExitCode.Held, ""), (code, errors));
        Assert.Equal($"written: {page}\n", output);
        return page;
    }

    [Fact]
    public void The_same_scenario_gives_the_same_bytes()
    {
        string scenario = Scenario();
        Assert.Equal(File.ReadAllBytes(Report(scenario, "one.html")), File.ReadAllBytes(Report(scenario, "two.html")));
        Assert.Equal(Run("report", scenario), Run("report", scenario, "--text"));
    }

    [Fact]
    public void It_asks_for_nothing_else()
    {
        string page = File.ReadAllText(Report(Scenario(), "page.html"));
        Assert.All(new[] { "http:", "https:", " src=", " href=", "url(", "@import", "fetch(", "{{" }, outside => Assert.DoesNotContain(outside, page, StringComparison.Ordinal));
    }

    [Fact]
    public void It_holds_the_observations_of_every_step()
    {
        string page = File.ReadAllText(Report(Scenario(), "page.html"));
        using JsonDocument story = JsonDocument.Parse(Data().Match(page).Groups[1].Value);
        JsonElement steps = story.RootElement.GetProperty("steps");
        Assert.Equal(7, steps.GetArrayLength());
        Assert.Equal("0 fork(1)", steps[3].GetProperty("operation").GetString());
        Assert.Equal(8, steps[3].GetProperty("expected").GetProperty("folios")[0].GetProperty("references").GetInt32());
        Assert.Equal(JsonValueKind.Null, steps[3].GetProperty("found").ValueKind);
        Assert.Equal(JsonValueKind.Null, story.RootElement.GetProperty("failure").ValueKind);
    }

    /// <summary>A name, like anything that a program under test says, may look like markup.</summary>
    [Fact]
    public void What_looks_like_markup_stays_text()
    {
        string scenario = Scenario(Path.Combine("a<", "script><b>&{{script}}.scenario"));
        string page = File.ReadAllText(Report(scenario, "page.html"));
        Assert.Equal(2, Regex.Count(page, "</script>"));
        Assert.DoesNotContain("<b>&{", page, StringComparison.Ordinal);
        using JsonDocument story = JsonDocument.Parse(Data().Match(page).Groups[1].Value);
        Assert.Equal(scenario, story.RootElement.GetProperty("name").GetString());
    }

    [NeedsBrowserFact]
    public void Each_step_shows_its_entries()
    {
        string page = Report(Scenario(), "page.html");
        string dom = Browser.Dom(page, "step=2");
        Assert.Equal(["A WDX", "A WDX", "A WDX", "A WDX", "· ...", "· ...", "· ...", "· ...", "· ...", "· ..."], Entries(dom, 0));
        Assert.Contains("step 2 of 6: 0 write(0x1, 5) = ok", dom, StringComparison.Ordinal);

        dom = Browser.Dom(page, "step=4");
        Assert.Equal("a .D.", Entries(dom, 0)[2]);
        Assert.Equal("B WDX", Entries(dom, 1)[2]);
        Assert.Equal(["0x2"], Changed(dom));

        // Without a step in the address: the last one.
        dom = Browser.Dom(page, "");
        Assert.Equal(("· ...", "0 ..."), (Entries(dom, 0)[8], Entries(dom, 0)[9]));
        Assert.Equal("# ...", Entries(dom, 1)[8]);
        Assert.Contains("reference and tested system agree", dom, StringComparison.Ordinal);
    }

    [NeedsBrowserFact]
    public void Keys_and_buttons_go_from_step_to_step()
    {
        string page = Report(Scenario(), "page.html");
        string text = File.ReadAllText(page);
        string AfterKeys(string script)
        {
            File.WriteAllText(page, text.Replace("</body>", $"<script>{script}</script></body>", StringComparison.Ordinal));
            return Status().Match(Browser.Dom(page, "step=3")).Groups[1].Value;
        }
        static string Key(string name) => $"document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{name}', bubbles: true }}));";
        Assert.StartsWith("step 3 of 6", AfterKeys(""), StringComparison.Ordinal);
        Assert.StartsWith("step 2 of 6", AfterKeys(Key("ArrowLeft")), StringComparison.Ordinal);
        Assert.StartsWith("step 5 of 6", AfterKeys(Key("ArrowRight") + Key("ArrowRight")), StringComparison.Ordinal);
        Assert.StartsWith("start", AfterKeys(Key("Home") + Key("ArrowLeft")), StringComparison.Ordinal);
        Assert.StartsWith("step 6 of 6", AfterKeys(Key("End") + Key("ArrowRight")), StringComparison.Ordinal);
        Assert.StartsWith("step 4 of 6", AfterKeys("document.getElementById('next').click();"), StringComparison.Ordinal);
        Assert.StartsWith("step 1 of 6", AfterKeys("document.querySelectorAll('#operations button')[1].click();"), StringComparison.Ordinal);
    }

    /// <summary>The page of a planted bug ends where it shows, says so in words, and marks the entries in which expected and found differ.</summary>
    [NeedsBrowserFact]
    public void A_failing_step_shows_expected_and_found()
    {
        string page = Report(Scenario(), "page.html", "--bug", "fork-protects-child-only");
        string dom = Browser.Dom(page, "");
        Assert.Contains("Fails at step 3: 0 fork(1)", dom, StringComparison.Ordinal);
        Assert.Contains("<dt>expected</dt><dd>Dirty, Young</dd><dt>found</dt><dd>Writable, Dirty, Young</dd>", dom, StringComparison.Ordinal);
        Assert.Contains("class=\"state found\"", dom, StringComparison.Ordinal);
        Assert.Contains("class=\"state expected\"", dom, StringComparison.Ordinal);
        Assert.Equal(8, Cells().Matches(dom).Count(cell => cell.Value.Contains("differs", StringComparison.Ordinal)));
        Assert.Equal(["A WD.", "A WD.", "A WD.", "A WD."], Entries(dom, 0)[..4]);
        Assert.Contains("foliocheck replay --system \"exec:foliocheck serve --bug fork-protects-child-only\"", dom, StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(dom, "class=\"missed\""));
    }

    [NeedsBrowserFact]
    public void A_transcript_is_told_as_far_as_it_is_modelled()
    {
        string page = Report(RepositoryRoot.File("properties", "corpus", "transcripts", "swap-1.jsonl.gz"), "page.html");
        string dom = Browser.Dom(page, "step=8");
        Assert.Contains("the system agrees for 8 of 54 operations", dom, StringComparison.Ordinal);
        Assert.Contains("step 8 of 8: ", dom, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_input_and_files_that_cannot_be_written_are_said_so()
    {
        string page = Path.Combine(_folder, "no", "such", "page.html");
        Assert.Equal(ExitCode.CannotWrite, Run("report", Scenario(), "--html", page).Code);
        (int code, string output, string errors) = Run("report", Scenario("bad.scenario", "foliocheck-scenario 1\nmachine table=8\n0 dance()\n"), "--html", page);
        Assert.Equal((ExitCode.BadInput, ""), (code, output));
        Assert.EndsWith("bad.scenario:3: unknown call 'dance'\n", errors, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, Run("report", Scenario(), "--bug", "no-such-bug").Code);
        Assert.Equal(ExitCode.Usage, Run("report", Scenario(), "--system", "kernel").Code);
        Assert.Equal(ExitCode.Usage, Run("report", Scenario(), "--bug", "fork-protects-child-only", "--system", "implementation").Code);
    }

    [Fact]
    public void Text_tells_each_step_and_marks_what_changed()
    {
        (int code, string output, _) = Run("report", Scenario());
        Assert.Equal(ExitCode.Held, code);
        Assert.Contains(
            "\nstep 4 of 6: 1 write(0x2, 9) = ok\n    0: 0x0[aaaa......]\n  * 1: 0x0[aaBa......]\n  * a: order 2 refs 7 mapcount 7 pages 4 slots 0:4 1:3 shared\n  * b: order 0 refs 1 mapcount 1 exclusive 1\n    queue:\n",
            output,
            StringComparison.Ordinal);
        (_, output, _) = Run("report", Scenario(), "--bug", "fork-protects-child-only");
        Assert.Contains("\n--> step 3 of 6: 0 fork(1) = ok\n  expected\n", output, StringComparison.Ordinal);
        Assert.Contains("\n  found\n    0: 0x0[AAAA......]\n", output, StringComparison.Ordinal);
        Assert.Contains("not reached: 0 read(0x9)\n", output, StringComparison.Ordinal);
    }

    private static string[] Entries(string dom, int process) =>
        [.. Cells().Matches(dom).Where(cell => cell.Groups["process"].Value == $"{process}").Select(cell => WebUtility.HtmlDecode(cell.Groups["entry"].Value))];

    private static string[] Changed(string dom) =>
        [.. Cells().Matches(dom).Where(cell => cell.Value.Contains("changed", StringComparison.Ordinal)).Select(cell => $"0x{int.Parse(cell.Groups["page"].Value, System.Globalization.CultureInfo.InvariantCulture):x}")];

    [GeneratedRegex("<script type=\"application/json\" id=\"story\">(.*)</script>")]
    private static partial Regex Data();

    [GeneratedRegex("<p id=\"status\" role=\"status\">([^<]*)</p>")]
    private static partial Regex Status();

    [GeneratedRegex("<li class=\"cell[^>]*data-process=\"(?<process>\\d+)\" data-page=\"(?<page>\\d+)\" data-entry=\"(?<entry>[^\"]*)\"[^>]*>")]
    private static partial Regex Cells();
}
