using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What unmapping must do. Each property alone, without the lockstep.</summary>
public sealed class ZapPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 31: zap exactly (6.10).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property31_ZapsExactly(Scenario scenario) => Holds(31, scenario);

    /// <summary>SPECIFICATION.md 13b, property 32: partially mapped exactly (6.2).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property32_PartialExactly(Scenario scenario) => Holds(32, scenario);
}
