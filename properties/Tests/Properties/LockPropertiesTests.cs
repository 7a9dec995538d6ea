using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>What locking must leave alone. Alone, without the lockstep.</summary>
public sealed class LockPropertiesTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 41: locking changes no translation (6.6).</summary>
    [ScenarioProperty(MaxTest = 120)]
    public void Property41_ChangesNoTranslation(Scenario scenario) => Holds(41, scenario);
}
