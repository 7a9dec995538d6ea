using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Folded blocks, what descriptors know, and what CPUs may still know, on arm64 machines. Each property alone, without the lockstep.</summary>
public sealed class ContptePropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 24: folded blocks are uniform (7.1 K1).</summary>
    [ScenarioProperty(MaxTest = 200, Arbitrary = [typeof(FoldingScenarios)])]
    public void Property24_FoldedBlocksAreUniform(Scenario scenario) => Holds(24, scenario);

    /// <summary>SPECIFICATION.md 13b, property 61: x86 and arm64 come to the same state (7.7).</summary>
    [ScenarioProperty(MaxTest = 200, Arbitrary = [typeof(FoldingScenarios)])]
    public void Property61_FoldingDoesNotShow(Scenario scenario) => Holds(61, scenario);

    /// <summary>SPECIFICATION.md 13b, property 62: no access is forgotten (7.7).</summary>
    [ScenarioProperty(MaxTest = 200, Arbitrary = [typeof(FoldingScenarios)])]
    public void Property62_NothingIsForgotten(Scenario scenario) => Holds(62, scenario);

    /// <summary>SPECIFICATION.md 13b, property 79: no CPU keeps what the table does not allow (17.28).</summary>
    [ScenarioProperty(MaxTest = 100, Arbitrary = [typeof(FoldingScenarios)])]
    public void Property79_NothingStale(Scenario scenario) => Holds(79, scenario);

    /// <summary>SPECIFICATION.md 13b, property 80: the same access does not fault twice (17.28).</summary>
    [ScenarioProperty(MaxTest = 200, Arbitrary = [typeof(FoldingScenarios)])]
    public void Property80_FaultsMakeProgress(Scenario scenario) => Holds(80, scenario);

    /// <summary>SPECIFICATION.md 13b, property 81: folds and unfolds add up (7.7).</summary>
    [ScenarioProperty(MaxTest = 200, Arbitrary = [typeof(FoldingScenarios)])]
    public void Property81_FoldsAddUp(Scenario scenario) => Holds(81, scenario);
}
