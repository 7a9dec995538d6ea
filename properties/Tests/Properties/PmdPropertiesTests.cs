using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What changes of form must leave as it is. Each property alone, without the lockstep.</summary>
public sealed class PmdPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 33: split mappings keep every page (8.2).</summary>
    [ScenarioProperty(MaxTest = 400)]
    public void Property33_SplitKeepsPages(Scenario scenario) => Holds(33, scenario);

    /// <summary>SPECIFICATION.md 13b, property 34: split folios keep every page (11.4).</summary>
    [ScenarioProperty(MaxTest = 400)]
    public void Property34_FolioSplitKeepsPages(Scenario scenario) => Holds(34, scenario);

    /// <summary>SPECIFICATION.md 13b, property 40: collapse copies whole blocks (8.6).</summary>
    [ScenarioProperty(MaxTest = 2000)]
    public void Property40_CollapseCopies(Scenario scenario) => Holds(40, scenario);

    /// <summary>SPECIFICATION.md 13b, property 52: split and collapse in place (17.27).</summary>
    [ScenarioProperty(MaxTest = 2500)]
    public void Property52_SplitAndBack(Scenario scenario) => Holds(52, scenario);

    /// <summary>SPECIFICATION.md 13b, property 69: shrinker leaves nothing partial (11.5).</summary>
    [ScenarioProperty(MaxTest = 2000)]
    public void Property69_ShrinkerSplits(Scenario scenario) => Holds(69, scenario);
}
