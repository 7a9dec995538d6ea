using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What failing calls must leave alone. Each property alone, without the lockstep.</summary>
public sealed class FailurePropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 44: failure leaves state alone (17.1).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property44_LeavesStateAlone(Scenario scenario) => Holds(44, scenario);
}
