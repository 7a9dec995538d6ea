using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Who shares a folio. Each property alone, without the lockstep.</summary>
public sealed class SharingInvariantsTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 8: exclusive page mapped once (2 G9).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property08_ExclusiveMappedOnce(Scenario scenario) => Holds(8, scenario);

    /// <summary>SPECIFICATION.md 13b, property 9: writable means exclusive (2 G10).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property09_WritableIsExclusive(Scenario scenario) => Holds(9, scenario);

    /// <summary>SPECIFICATION.md 13b, property 10: page mapped once per process (2 G11).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property10_MappedOncePerProcess(Scenario scenario) => Holds(10, scenario);

    /// <summary>SPECIFICATION.md 13b, property 11: MM-ID slots are lower bounds (5.4 M1).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property11_SlotsAreLowerBounds(Scenario scenario) => Holds(11, scenario);

    /// <summary>SPECIFICATION.md 13b, property 12: not shared means one process (5.4 M2).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property12_NotSharedMeansOne(Scenario scenario) => Holds(12, scenario);

    /// <summary>SPECIFICATION.md 13b, property 13: unmapped means untracked (5.4 M5).</summary>
    [ScenarioProperty(MaxTest = 120)]
    public void Property13_UnmappedIsUntracked(Scenario scenario) => Holds(13, scenario);

    /// <summary>SPECIFICATION.md 13b, property 14: exact up to two sharers (5.4 M3).</summary>
    [ScenarioProperty(MaxTest = 150)]
    public void Property14_ExactUpToTwo(Scenario scenario) => Holds(14, scenario);

    /// <summary>SPECIFICATION.md 13b, property 15: never falsely exclusive (5.5).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property15_NeverFalselyExclusive(Scenario scenario) => Holds(15, scenario);
}
