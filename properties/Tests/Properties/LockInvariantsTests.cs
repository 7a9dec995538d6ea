using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What the marks of locked memory say about each other. Each property alone, without the lockstep.</summary>
public sealed class LockInvariantsTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 76: mlock marks agree (17.15).</summary>
    [ScenarioProperty(MaxTest = 80)]
    public void Property76_MarksAgree(Scenario scenario) => Holds(76, scenario);
}
