using FolioCheck.Mutants;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

public class StrykerReportTests
{
    private const string Source = "class A\n{\n    int F(int n) => n < 1 ? 0 :\n        n - 1;\n}\n";

    [Fact]
    public void A_mutant_has_its_number_its_place_and_its_code()
    {
        Mutant mutant = Assert.Single(Read(Entry("NoCoverage", "n <= 1", "\"line\": 3, \"column\": 21", "\"line\": 3, \"column\": 26")));
        Assert.Equal(new Mutant(3, "{ int F(int n) => n < 1 ? 0 :", 30, 35, "Equality mutation", "n < 1", "n <= 1", MutantEnd.NoCoverage) { Id = 7 }, mutant);
        Assert.Equal("n < 1", Source[mutant.Start..mutant.End]);
    }

    [Fact]
    public void Code_over_two_lines_is_shown_in_one() =>
        Assert.Equal("0 : n - 1", Assert.Single(Read(Entry("NoCoverage", "1", "\"line\": 3, \"column\": 29", "\"line\": 4, \"column\": 14"))).Original);

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
    public void What_Stryker_found_out_with_its_one_test_does_not_count() =>
        Assert.Equal(MutantEnd.NoCoverage, Assert.Single(Read(Entry("Survived", "n"))).Outcome);

    [Fact]
    public void A_file_that_the_report_does_not_name_is_refused() =>
        Assert.Throws<InvalidDataException>(() => StrykerReport.Read(Report(""), "B.cs"));

    private static IReadOnlyList<Mutant> Read(string mutants) => StrykerReport.Read(Report(mutants), "A.cs");

    private static string Report(string mutants) =>
        $$"""{ "files": { "/somewhere/A.cs": { "source": "{{Source.Replace("\n", "\\n", StringComparison.Ordinal)}}", "mutants": [{{mutants}}] } } }""";

    private static string Entry(
        string status, string replacement, string start = "\"line\": 3, \"column\": 21", string end = "\"line\": 3, \"column\": 26", string reason = "") => $$"""
        {
            "id": "7", "mutatorName": "Equality mutation", "replacement": "{{replacement}}", "status": "{{status}}", "statusReason": "{{reason}}",
            "location": { "start": { {{start}} }, "end": { {{end}} } }
        }
        """;
}
