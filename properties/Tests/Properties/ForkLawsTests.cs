using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Laws of fork and exit. Each property alone, without the lockstep.</summary>
public sealed class ForkLawsTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 45: fork then exit (5.7).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property45_ForkThenExit(Scenario scenario) => Holds(45, scenario);

    /// <summary>SPECIFICATION.md 13b, property 46: writes after fork and exit (4.3.1).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property46_WritesAfterForkReuse(Scenario scenario) => Holds(46, scenario);

    /// <summary>SPECIFICATION.md 13b, property 47: exit order (5.4).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property47_ExitOrder(Scenario scenario) => Holds(47, scenario);

    /// <summary>SPECIFICATION.md 13b, property 57: more references, more copies (4.3.1).</summary>
    [ScenarioProperty(MaxTest = 210)]
    public void Property57_MoreReferencesMoreCopies(Scenario scenario) => Holds(57, scenario);
}
