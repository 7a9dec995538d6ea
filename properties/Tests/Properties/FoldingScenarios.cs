using FsCheck;
using Xunit;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>Scenarios on arm64 machines, whose blocks of entries are folded.</summary>
public static class FoldingScenarios
{
    public static Arbitrary<Scenario> Scenarios()
    {
        Assert.Null(MachineSettings.Parse("arch=arm64", out MachineSettings settings));
        return ScenarioArbitrary.Of(MachineChoice.Default, settings: settings);
    }
}
