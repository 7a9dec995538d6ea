using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What mprotect and mremap must leave as it is. Each property alone, without the lockstep.</summary>
public sealed class RightsPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 42: mprotect moves nothing (12.2).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property42_MovesNothing(Scenario scenario) => Holds(42, scenario);

    /// <summary>SPECIFICATION.md 13b, property 43: mremap keeps every entry (12.1).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property43_KeepsEveryEntry(Scenario scenario) => Holds(43, scenario);
}
