using FsCheck;
using FsCheck.Fluent;

namespace FolioCheck.Properties;

/// <summary>
/// Draws the cases of a campaign block by block under FsCheck, each block with its own seed and with sizes that grow from small to large; so any block can be
/// drawn by itself, and a run that a clock ended is repeated exactly by its number of cases.
/// </summary>
internal sealed class CaseSource
{
    /// <summary>Cases in a block.</summary>
    public const int BlockCases = 100;

    private readonly ulong _seed;
    private readonly Guide? _guide;
    private readonly Arbitrary<Scenario> _scenarios;

    /// <summary>A source.</summary>
    /// <param name="options">Seed and machines.</param>
    /// <param name="allowed">What may be drawn.</param>
    /// <param name="guide">Changes some cases; null for none.</param>
    public CaseSource(CampaignOptions options, OperationSubset allowed, Guide? guide)
    {
        _seed = options.Seed;
        _guide = guide;
        _scenarios = ScenarioArbitrary.Of(options.Machines, allowed: allowed, settings: options.Settings);
    }

    /// <summary>Draws the first cases of a block: the same ones however many are asked for, so that a shorter run repeats what a longer one found.</summary>
    public IReadOnlyList<Scenario> Draw(long block, int count)
    {
        var cases = new List<Scenario>();
        // FsCheck's state is a seed and an odd gamma; each block has a gamma of its own.
        ulong gamma = unchecked((((ulong)block * 2) + 1) * 0x9E3779B97F4A7C15UL) | 1;
        var runner = new SilentRunner();
        Config config = Config.Quick
            .WithMaxTest(BlockCases)
            .WithEndSize(100)
            .WithReplay(_seed, gamma)
            .WithRunner(runner);
        Check.One(config, Prop.ForAll(_scenarios, scenario =>
        {
            cases.Add(scenario);
            return true;
        }));
        // Anything else is a defect of generation, never a pass.
        if (cases.Count != BlockCases || runner.Result is not TestResult.Passed)
            throw new InvalidOperationException($"FsCheck could not draw the block: {runner.Result}");
        cases.RemoveRange(count, BlockCases - count);
        if (_guide is Guide guide)
        {
            for (int i = 0; i < count; i++)
                cases[i] = guide.Steer(_seed, (block * BlockCases) + i, cases[i]);
        }
        return cases;
    }
}
