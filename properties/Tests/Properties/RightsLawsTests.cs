using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Laws of mprotect. Each property alone, without the lockstep.</summary>
public sealed class RightsLawsTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 51: rights there and back (12.2).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property51_ThereAndBack(Scenario scenario) => Holds(51, scenario);
}
