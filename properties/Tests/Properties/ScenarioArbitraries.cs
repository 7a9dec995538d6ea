using FsCheck;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Scenarios on the default machines. Shrinking is done by the test itself, to the end, before FsCheck sees the failure.</summary>
public static class ScenarioArbitraries
{
    public static Arbitrary<Scenario> Scenarios() => ScenarioArbitrary.Of(MachineChoice.Default);
}
