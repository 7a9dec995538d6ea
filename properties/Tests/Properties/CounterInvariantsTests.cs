using Xunit.Abstractions;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Counters against a recount of the page tables. Each property alone, without the lockstep.</summary>
public sealed class CounterInvariantsTests(ITestOutputHelper output) : PropertyTest(output)
{
    /// <summary>SPECIFICATION.md 13b, property 1: page mapcount equals entries (2 G1).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property01_PageMapcount(Scenario scenario) => Holds(1, scenario);

    /// <summary>SPECIFICATION.md 13b, property 2: entire mapcount equals PMD mappings (2 G1).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property02_EntireMapcount(Scenario scenario) => Holds(2, scenario);

    /// <summary>SPECIFICATION.md 13b, property 59: average mapcount lies between (5.5).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property59_AverageMapcount(Scenario scenario) => Holds(59, scenario);

    /// <summary>SPECIFICATION.md 13b, property 3: large mapcount equals mappings (2 G2).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property03_LargeMapcount(Scenario scenario) => Holds(3, scenario);

    /// <summary>SPECIFICATION.md 13b, property 4: pages mapped equals mapped pages (2 G3).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property04_PagesMapped(Scenario scenario) => Holds(4, scenario);

    /// <summary>SPECIFICATION.md 13b, property 5: references cover mappings (2 G5).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property05_References(Scenario scenario) => Holds(5, scenario);

    /// <summary>SPECIFICATION.md 13b, property 6: rss equals mapped pages (2 G12).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property06_Rss(Scenario scenario) => Holds(6, scenario);

    /// <summary>SPECIFICATION.md 13b, property 7: NR_ANON_MAPPED equals mapped pages (2 G8).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property07_AnonMapped(Scenario scenario) => Holds(7, scenario);

    /// <summary>SPECIFICATION.md 13b, property 23: nr_anon equals live folios (2 G14).</summary>
    [ScenarioProperty(MaxTest = 60)]
    public void Property23_LiveFolios(Scenario scenario) => Holds(23, scenario);
}
