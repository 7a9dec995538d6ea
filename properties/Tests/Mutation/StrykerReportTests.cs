using FolioCheck.Mutants;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

public class StrykerReportTests
{
    private const string Source = "class A\n{\n    int F(int n) => n < 1 ? 0 :\n        n - 1;\n}\n";

    [Fact]
    public void A_mutant_has_its_place_its_code_and_its_end()
    {
        Mutant mutant = Assert.Single(Read(Entry("Survived", "n <= 1", "\"line\": 3, \"column\": 21", "\"line\": 3, \"column\": 26")));
        Assert.Equal(new Mutant(3, "{ int F(int n) => n < 1 ? 0 :", 30, 35, "Equality mutation", "n < 1", "n <= 1", MutantEnd.Survived), mutant);
        Assert.Equal("n < 1", Source[mutant.Start..mutant.End]);
    }

    [Fact]
    public void Code_over_two_lines_is_shown_in_one() =>
        Assert.Equal("0 : n - 1", Assert.Single(Read(Entry("Killed", "1", "\"line\": 3, \"column\": 29", "\"line\": 4, \"column\": 14"))).Original);

    [Fact]
    public void What_needs_no_test_is_left_out() => Assert.Empty(Read(
        Entry("Ignored", "n", reason: "Removed by block already covered filter")));

    [Fact]
    public void A_mutant_that_does_not_compile_is_told_apart() =>
        Assert.Equal(MutantEnd.CompileError, Assert.Single(Read(Entry("CompileError", "n"))).Outcome);

    [Fact]
    public void A_mutant_that_a_filter_took_away_is_refused() =>
        Assert.Throws<InvalidDataException>(() => Read(Entry("Ignored", "n", reason: "Removed by mutate filter")));

    [Fact]
    public void A_mutant_outside_the_spans_was_not_asked_for() =>
        Assert.Empty(StrykerReport.Read(Report(Entry("Ignored", "n", reason: "Removed by mutate filter")), "A.cs", [(0, 5)]));

    [Fact]
    public void A_file_that_the_report_does_not_name_is_refused() =>
        Assert.Throws<InvalidDataException>(() => StrykerReport.Read(Report(""), "B.cs"));

    private static IReadOnlyList<Mutant> Read(string mutants) => StrykerReport.Read(Report(mutants), "A.cs");

    private static string Report(string mutants) =>
        $$"""{ "files": { "/somewhere/A.cs": { "source": "{{Source.Replace("\n", "\\n", StringComparison.Ordinal)}}", "mutants": [{{mutants}}] } } }""";

    private static string Entry(
        string status, string replacement, string start = "\"line\": 3, \"column\": 21", string end = "\"line\": 3, \"column\": 26", string reason = "") => $$"""
        {
            "mutatorName": "Equality mutation", "replacement": "{{replacement}}", "status": "{{status}}", "statusReason": "{{reason}}",
            "location": { "start": { {{start}} }, "end": { {{end}} } }
        }
        """;
}
