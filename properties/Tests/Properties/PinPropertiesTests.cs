using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What pins promise. Each property alone, without the lockstep.</summary>
public sealed class PinPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 74: pins hold (5.9).</summary>
    [ScenarioProperty(MaxTest = 80)]
    public void Property74_PinsHold(Scenario scenario) => Holds(74, scenario);

    /// <summary>SPECIFICATION.md 13b, property 77: pins own their pages (17.19).</summary>
    [ScenarioProperty(MaxTest = 80)]
    public void Property77_PinsOwnPages(Scenario scenario) => Holds(77, scenario);
}
