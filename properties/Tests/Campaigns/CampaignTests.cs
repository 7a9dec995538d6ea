using System.Text.Json.Nodes;
using FolioCheck.Implementation;
using FolioCheck.Mutation;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Campaigns;

/// <summary>Campaigns: the same figures however they are cut.</summary>
public sealed class CampaignTests
{
    private static readonly CampaignOptions _options = new(11, MachineChoice.Tiny, 450, null);

    private static CampaignResult Run(Campaign campaign, CampaignOptions options) => campaign.Run(options, () => TimeSpan.Zero, _ => { }, CancellationToken.None);

    private static string FiguresOf(CampaignOptions options)
    {
        var campaign = new Campaign(OptimizedMemory.Create);
        CampaignResult result = Run(campaign, options);
        Assert.Null(result.Failure);
        return CampaignText.Write(campaign.Figures).ToJsonString();
    }

    [Fact]
    public void Two_workers_do_what_one_does() => Assert.Equal(FiguresOf(_options), FiguresOf(_options with { Workers = 2 }));

    [Fact]
    public void Shards_of_a_plain_campaign_add_up_to_the_whole()
    {
        CampaignOptions plain = _options with { Guided = false };
        var sum = new Figures();
        for (int number = 1; number <= 3; number++)
        {
            CampaignOptions part = plain with { Shard = new Shard(number, 3) };
            var campaign = new Campaign(OptimizedMemory.Create);
            Assert.Equal(part.ShardTarget, Run(campaign, part).Cases);
            sum.Add(campaign.Figures);
        }
        Assert.Equal(FiguresOf(plain), CampaignText.Write(sum).ToJsonString());
    }

    [Fact]
    public void A_run_up_to_the_case_that_failed_shows_the_same_failure()
    {
        using CompiledBug bug = PlantedBugs.Find("partial-from-large-mapcount")!.Compile();
        CampaignResult longer = Run(new Campaign(bug.Create), _options);
        CampaignResult shorter = Run(new Campaign(bug.Create), _options with { Cases = longer.FailedCase + 1 });
        Assert.Equal(longer.Failure, shorter.Failure);
        Assert.Equal(ScenarioText.Write(longer.Scenario!), ScenarioText.Write(shorter.Scenario!));
        Assert.NotEqual(0, (longer.FailedCase + 1) % 100);
    }

    [Theory]
    [InlineData(450, 1, 1, 450)]
    [InlineData(450, 1, 3, 200)]
    [InlineData(450, 2, 3, 150)]
    [InlineData(450, 3, 3, 100)]
    [InlineData(400, 5, 8, 0)]
    [InlineData(40, 1, 2, 40)]
    public void A_shard_has_its_cases(long cases, int number, int count, long expected) =>
        Assert.Equal(expected, (_options with { Cases = cases, Shard = new Shard(number, count) }).ShardTarget);

    [Fact]
    public void A_campaign_that_was_stopped_goes_on_to_the_same_figures()
    {
        using var stop = new CancellationTokenSource();
        var first = new CampaignCheckpoint(new Guide(_options.Machines, OperationSubset.All));
        new Campaign(OptimizedMemory.Create).Run(_options, () => TimeSpan.Zero, cases => stop.CancelAfter(cases >= 200 ? TimeSpan.Zero : Timeout.InfiniteTimeSpan), stop.Token, first);
        string text = CampaignText.Write(first).ToJsonString();
        CampaignCheckpoint read = CampaignText.ReadCheckpoint(JsonNode.Parse(text), new Guide(_options.Machines, OperationSubset.All));
        Assert.Equal(text, CampaignText.Write(read).ToJsonString());
        Assert.InRange(read.Figures.Cases, 200, 450);
        var second = new Campaign(OptimizedMemory.Create);
        CampaignResult result = second.Run(_options, () => TimeSpan.Zero, _ => { }, CancellationToken.None, read);
        Assert.Equal(450, result.Cases);
        Assert.Equal(FiguresOf(_options), CampaignText.Write(second.Figures).ToJsonString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_first_failing_case_is_reported_whoever_ran_it(int workers)
    {
        var campaign = new Campaign(machine => new WrongAt(OptimizedMemory.Create(machine), operation => operation.Kind == OperationKind.Exit && operation.Process == 1));
        CampaignResult result = Run(campaign, _options with { Workers = workers, Guided = false });
        Assert.Equal("outcome", result.Failure?.Field);
        var alone = new Campaign(machine => new WrongAt(OptimizedMemory.Create(machine), operation => operation.Kind == OperationKind.Exit && operation.Process == 1));
        CampaignResult expected = Run(alone, _options with { Guided = false });
        Assert.Equal((expected.Cases, expected.FailedCase, expected.Scenario!.ToString()), (result.Cases, result.FailedCase, result.Scenario!.ToString()));
        Assert.Equal(CampaignText.Write(alone.Figures).ToJsonString(), CampaignText.Write(campaign.Figures).ToJsonString());
    }

    /// <summary>The second run of the first case does what the first did not.</summary>
    [Fact]
    public void A_system_that_differs_from_run_to_run_is_found()
    {
        int made = 0;
        var campaign = new Campaign(machine =>
        {
            bool second = ++made == 2;
            return new WrongAt(OptimizedMemory.Create(machine), operation => second && operation.Kind == OperationKind.Mmap);
        });
        CampaignResult result = Run(campaign, _options);
        Assert.Equal(CaseRunner.Determinism, result.Failure?.Check);
        Assert.Equal(0, result.FailedCase);
    }

    [Fact]
    public void One_case_in_twenty_is_run_twice()
    {
        var campaign = new Campaign(OptimizedMemory.Create);
        Run(campaign, _options with { Cases = 100 });
        Assert.Equal(5, campaign.Figures.Repeated);
    }

    /// <summary>A memory that answers some operations wrongly.</summary>
    private sealed class WrongAt(IMemorySystem memory, Predicate<Operation> wrong) : IMemorySystem
    {
        public Outcome Apply(in Operation operation)
        {
            Outcome outcome = memory.Apply(operation);
            return wrong(operation) ? Outcome.Token(987_654) : outcome;
        }

        public void Observe(Observation observation) => memory.Observe(observation);
    }
}
