using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What fork must do. Each property alone, without the lockstep.</summary>
public sealed class ForkPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 28: fork shares everything (5.7).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property28_SharesEverything(Scenario scenario) => Holds(28, scenario);
}
