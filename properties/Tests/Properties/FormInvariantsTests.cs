using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Form of folios, entries, queue and smaps. Each property alone, without the lockstep.</summary>
public sealed class FormInvariantsTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 16: partially mapped means queued (2 G13).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property16_PartialIsQueued(Scenario scenario) => Holds(16, scenario);

    /// <summary>SPECIFICATION.md 13b, property 19: leaf tables where entries are (17.22).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property19_TablesCoverEntries(Scenario scenario) => Holds(19, scenario);

    /// <summary>SPECIFICATION.md 13b, property 20: folios aligned, runs inside (1.3).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property20_Aligned(Scenario scenario) => Holds(20, scenario);

    /// <summary>SPECIFICATION.md 13b, property 21: zero page counts nowhere (1.4).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property21_ZeroPage(Scenario scenario) => Holds(21, scenario);

    /// <summary>SPECIFICATION.md 13b, property 22: private means mapped once (5.8).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property22_PrivateIsMappedOnce(Scenario scenario) => Holds(22, scenario);

    /// <summary>SPECIFICATION.md 13b, property 25: smaps adds up (5.8).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property25_SmapsAddUp(Scenario scenario) => Holds(25, scenario);
}
