using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What micro-steps must keep. Each property alone, without the lockstep.</summary>
public sealed class EventPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 67: references follow mappings (2 G5).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property67_ReferencesFollowMappings(Scenario scenario) => Holds(67, scenario);

    /// <summary>SPECIFICATION.md 13b, property 68: reference before mapping (2 G6).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property68_ReferenceBeforeMapping(Scenario scenario) => Holds(68, scenario);
}
