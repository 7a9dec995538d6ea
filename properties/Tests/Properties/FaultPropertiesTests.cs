using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What a fault must do. Each property alone, without the lockstep.</summary>
public sealed class FaultPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 26: largest fitting order (4.1).</summary>
    [ScenarioProperty(MaxTest = 250)]
    public void Property26_LargestFittingOrder(Scenario scenario) => Holds(26, scenario);

    /// <summary>SPECIFICATION.md 13b, property 27: fault maps whole folio (4.1).</summary>
    [ScenarioProperty(MaxTest = 250)]
    public void Property27_MapsWholeFolio(Scenario scenario) => Holds(27, scenario);

    /// <summary>SPECIFICATION.md 13b, property 36: reuse or copy (4.3).</summary>
    [ScenarioProperty(MaxTest = 150)]
    public void Property36_ReuseOrCopy(Scenario scenario) => Holds(36, scenario);

    /// <summary>SPECIFICATION.md 13b, property 37: reuse is sound (4.3.1).</summary>
    [ScenarioProperty(MaxTest = 1400)]
    public void Property37_ReuseIsSound(Scenario scenario) => Holds(37, scenario);

    /// <summary>SPECIFICATION.md 13b, property 38: freed and written is kept (6.4).</summary>
    [ScenarioProperty(MaxTest = 400)]
    public void Property38_FreedAndWrittenIsKept(Scenario scenario) => Holds(38, scenario);
}
