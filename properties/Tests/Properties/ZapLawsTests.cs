using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Laws of unmapping, freeing and batching. Each property alone, without the lockstep.</summary>
public sealed class ZapLawsTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 48: batches equal singles (5.7.1).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property48_BatchesEqualSingles(Scenario scenario) => Holds(48, scenario);

    /// <summary>SPECIFICATION.md 13b, property 49: zaps commute (6.10).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property49_ZapsCommute(Scenario scenario) => Holds(49, scenario);

    /// <summary>SPECIFICATION.md 13b, property 50: idempotent (6).</summary>
    [ScenarioProperty(MaxTest = 100)]
    public void Property50_Idempotent(Scenario scenario) => Holds(50, scenario);

    /// <summary>SPECIFICATION.md 13b, property 66: nothing leaks (13b).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property66_NothingLeaks(Scenario scenario) => Holds(66, scenario);
}
