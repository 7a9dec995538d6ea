using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What fork must do. Each property alone, without the lockstep.</summary>
public sealed class ForkPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 28: fork shares everything (5.7).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property28_SharesEverything(Scenario scenario) => Holds(28, scenario);

    /// <summary>SPECIFICATION.md 13b, property 29: fork copies pinned pages (5.7).</summary>
    [ScenarioProperty(MaxTest = 120)]
    public void Property29_CopiesPinnedPages(Scenario scenario) => Holds(29, scenario);

    /// <summary>SPECIFICATION.md 13b, property 30: fork leaves untouched memory alone (5.7).</summary>
    [ScenarioProperty(MaxTest = 100)]
    public void Property30_CopiesNothingUntouched(Scenario scenario) => Holds(30, scenario);
}
