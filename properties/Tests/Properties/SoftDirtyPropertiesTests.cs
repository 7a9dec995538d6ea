using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What soft-dirty bits promise. Each property alone, without the lockstep.</summary>
public sealed class SoftDirtyPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 73: no store is lost (17.18).</summary>
    [ScenarioProperty(MaxTest = 150)]
    public void Property73_NoStoreIsLost(Scenario scenario) => Holds(73, scenario);

    /// <summary>SPECIFICATION.md 13b, property 78: clear_refs forgets all (17.18).</summary>
    [ScenarioProperty(MaxTest = 150)]
    public void Property78_ForgetsAll(Scenario scenario) => Holds(78, scenario);
}
