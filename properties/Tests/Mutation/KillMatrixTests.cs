using System.Text.Json.Nodes;
using FolioCheck.Implementation;
using FolioCheck.Mutation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Mutation;

/// <summary>Few passes find what every property finds alone.</summary>
public class KillMatrixTests
{
    private static readonly KillMatrixOptions _options = new()
    {
        Operations = 1600,
    };

    /// <summary>One bug that most properties see, one that throws, one with settings, one of the reference.</summary>
    [Theory]
    [InlineData("fork-references-by-calls")]
    [InlineData("move-keeps-special")]
    [InlineData("contpte-unfold-keeps-one-bit")]
    [InlineData("ref-fork-shares-pinned")]
    public void Each_pair_is_what_a_hunt_with_the_property_alone_finds(string id)
    {
        KillRow row = Assert.Single(KillMatrix.Measure(_options with { Id = id }, _ => { }).Rows);
        using CompiledBug bug = PlantedBugs.Find(id)!.Compile();
        foreach (Property property in Catalogue.All)
        {
            long budget = property is Law or EventProperty ? _options.LawBudget(bug.Bug.Layer) : _options.StepBudget(bug.Bug.Layer);
            if (PropertyBugs.Of(property)?.Id == id)
                budget = PropertyBugs.Budget;
            HuntResult alone = BugHunt.Property(bug.CreateObserved, property, new HuntOptions { Operations = budget, Shrink = false }, bug.Bug.Settings);
            long? expected = alone.End == HuntEnd.Caught ? alone.Operations : null;
            Assert.True(expected == (row.Caught.TryGetValue(property, out long found) ? found : null), $"{property.Title}: {expected} alone, {found} in the matrix");
        }
        HuntResult values = BugHunt.Values(HuntedSystem.Alone(bug), new HuntOptions { Operations = _options.LawBudget(bug.Bug.Layer), Shrink = false });
        Assert.Equal(values.End == HuntEnd.Caught ? values.Operations : null, row.Values);
    }

    [Fact]
    public void A_sound_system_is_caught_by_nothing_and_throws_nothing()
    {
        var run = new IndependentRun(OptimizedMemory.Create, Catalogue.All.Where(property => property is not Law));
        for (int number = 0; number < 30; number++)
        {
            run.Run(BugHunt.Draw(1, number), (property, step) => Assert.Fail($"{property.Title} at {step}"));
            Assert.Null(run.Thrown);
        }
    }

    [Fact]
    public void A_system_that_throws_is_no_merit_of_properties_but_is_told()
    {
        var run = new IndependentRun((machine, events) => new Throwing(OptimizedMemory.Create(machine, events), 2), Catalogue.All.Where(property => property is not Law));
        run.Run(BugHunt.Draw(1, 30), (property, step) => Assert.Fail($"{property.Title} at {step}"));
        Assert.Equal(new ThrownException(nameof(FormatException), 2, Observing: false), run.Thrown);
    }

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        KillMatrixOptions options = _options with { Operations = 160, Id = "move-keeps-special" };
        KillMatrix one = KillMatrix.Measure(options, _ => { });
        KillMatrix two = KillMatrix.Measure(options with { Workers = 2 }, _ => { });
        Assert.Equal(KillMatrixJson.Write(one), KillMatrixJson.Write(two));
        Assert.Equal(KillMatrixPage.Write(one), KillMatrixPage.Write(two));
    }

    /// <summary>The committed matrix speaks about the bugs and properties that there are, and agrees with what each property must catch alone.</summary>
    [Fact]
    public void The_committed_matrix_is_of_these_bugs_and_properties()
    {
        JsonNode matrix = JsonNode.Parse(File.ReadAllText(RepositoryRoot.File("mutation", "kill-matrix.json")))!;
        Dictionary<string, JsonNode> rows = matrix["bugs"]!.AsArray().ToDictionary(row => row!["id"]!.GetValue<string>(), row => row!);
        Assert.Equal(PlantedBugs.All.Select(bug => bug.Id), rows.Keys);
        Assert.Equal(Catalogue.All.Select(property => property.Number), matrix["properties"]!.AsArray().Select(property => property!["property"]!.GetValue<int>()));
        Assert.All(Catalogue.All, property => Assert.True(
            rows[PropertyBugs.Of(property)!.Id]["caught"]!.AsObject().ContainsKey(FormattableString.Invariant($"{property.Number}")),
            $"{property.Title} and {PropertyBugs.Of(property)!.Id}"));
    }


    private sealed class Throwing(IMemorySystem system, int at) : IMemorySystem
    {
        private int _step;

        public Outcome Apply(in Operation operation) => _step++ == at ? throw new FormatException() : system.Apply(operation);

        public void Observe(Observation observation) => system.Observe(observation);
    }
}
