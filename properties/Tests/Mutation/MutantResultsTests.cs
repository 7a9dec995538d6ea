using FolioCheck.Mutants;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

public class MutantResultsTests
{
    private static readonly Target _target = new("model", "model", "Model.csproj");

    private static readonly FileResult _file = FileResult.Of("A.cs", "text",
    [
        Mutant("a < b", MutantEnd.Killed), Mutant("a < c", MutantEnd.KilledLate), Mutant("a < d", MutantEnd.Timeout),
        Mutant("a < e", MutantEnd.Survived), Mutant("a | f", MutantEnd.NoCoverage),
        Mutant("a < g", MutantEnd.CompileError),
    ]);

    private static readonly SurvivorClass _known = new("A.cs", "if (a < e)", "a < e", "a <= e", SurvivorKind.Equivalent, "Both are never equal.");

    [Fact]
    public void A_survivor_finds_its_class_by_its_text()
    {
        var results = new Results([_file], [_known]);
        Assert.Equal([("a < e", _known), ("a | f", null)], results.Left.Select(left => (left.Mutant.Original, left.Class)));
        Assert.Empty(results.Unneeded);
        Assert.Equal([true, false], _file.Others.Where(mutant => mutant.IsLeft).Select(mutant => results.Explain("A.cs", mutant)));
    }

    [Fact]
    public void A_class_that_no_mutant_needs_is_reported()
    {
        SurvivorClass killed = _known with { Context = "if (a < b)", Original = "a < b" };
        SurvivorClass notMeasured = _known with { File = "B.cs" };
        Assert.Equal([killed], new Results([_file], [killed, notMeasured]).Unneeded);
    }

    [Fact]
    public void A_file_that_is_measured_again_takes_the_place_of_the_old_result()
    {
        FileResult again = _file with { Killed = 7 };
        FileResult gone = _file with { File = "Gone.cs" };
        Assert.Equal([again], new Results([_file, gone], []).With([again], ["A.cs"]).Files);
    }

    [Fact]
    public void The_summary_fails_while_a_survivor_has_no_class()
    {
        var output = new StringWriter();
        Assert.False(Summary.Write(new Results([_file], [_known]), _ => FileResult.Hash("text"), output));
        Assert.Contains("without a class: A.cs:3: a | f -> a <= f", output.ToString());
        Assert.True(Summary.Write(new Results([_file], [_known, _known with { Context = "if (a | f)", Original = null, Replacement = null }]), _ => "", output));
        Assert.Contains("changed since it was measured: A.cs", output.ToString());
    }

    [Fact]
    public void The_page_counts_and_lists()
    {
        string page = Page.Write(_target, new Results([_file], [_known]));
        Assert.Contains("| all | 5 | 1 | 1 | 1 | 1 | 1 | 60.0 | 1 |\n", page);
        Assert.Contains("## Equivalent: the same for every input (1)", page);
        Assert.Contains("| A.cs:3 | `a < e` | `a <= e` | Both are never equal. |\n", page);
        Assert.Contains("| A.cs:3 | `a \\| f` | `a <= f` |  |\n", page);
        Assert.EndsWith("| A.cs:3 | `a < d` | `a <= d` |  |\n", page);
    }

    /// <summary>The committed pages are what the committed results and classes give.</summary>
    [Theory]
    [InlineData("implementation")]
    [InlineData("reference")]
    public void The_committed_page_is_up_to_date(string model)
    {
        Target target = Target.All.Single(target => target.Name == model);
        Results results = new Store(RepositoryRoot.Path, target).Committed();
        Assert.NotEmpty(results.Files);
        Assert.Equal(Page.Write(target, results), File.ReadAllText(RepositoryRoot.File("mutation", "stryker", model + ".md")));
    }

    private static Mutant Mutant(string code, MutantEnd outcome) =>
        new(3, $"if ({code})", 30, 35, "Equality mutation", code, "a <= " + code[^1], outcome);
}
