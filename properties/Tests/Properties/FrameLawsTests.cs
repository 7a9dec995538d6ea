using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Laws of what must not matter. Each property alone, without the lockstep.</summary>
public sealed class FrameLawsTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 53: write order (4.3).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property53_WriteOrder(Scenario scenario) => Holds(53, scenario);

    /// <summary>SPECIFICATION.md 13b, property 54: strangers do not matter (13b).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property54_StrangersDoNotMatter(Scenario scenario) => Holds(54, scenario);

    /// <summary>SPECIFICATION.md 13b, property 55: names do not matter (13b).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property55_NamesDoNotMatter(Scenario scenario) => Holds(55, scenario);

    /// <summary>SPECIFICATION.md 13b, property 56: sizes do not show (13b).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property56_SizesDoNotShow(Scenario scenario) => Holds(56, scenario);
}
