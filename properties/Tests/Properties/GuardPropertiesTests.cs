using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Where guard markers are. Each property alone, without the lockstep.</summary>
public sealed class GuardPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 72: guard markers exactly where put (17.16).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property72_ExactlyWherePut(Scenario scenario) => Holds(72, scenario);
}
