using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What write-protection by userfaultfd promises. Each property alone, without the lockstep.</summary>
public sealed class UffdPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 71: write-protected is not writable (17.17).</summary>
    [ScenarioProperty(MaxTest = 80)]
    public void Property71_ProtectedIsNotWritable(Scenario scenario) => Holds(71, scenario);

    /// <summary>SPECIFICATION.md 13b, property 75: SIGBUS exactly (17.17).</summary>
    [ScenarioProperty(MaxTest = 80)]
    public void Property75_RefusesExactly(Scenario scenario) => Holds(75, scenario);
}
