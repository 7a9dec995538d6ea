using FsCheck;
using FsCheck.Fluent;

namespace FolioCheck.Properties;

/// <summary>FsCheck's view of scenarios: a drawn seed and FsCheck's size give one scenario.</summary>
public static class ScenarioArbitrary
{
    /// <summary>Scenarios of some machines, with a shrinker of one's own or none.</summary>
    /// <param name="machines">Which machines.</param>
    /// <param name="shrink">Gives at most one candidate, already minimal: FsCheck's own loop restarts at every success and has a fixed cap.</param>
    /// <param name="allowed">What may be drawn; null for everything.</param>
    /// <param name="settings">What all machines have; null to draw everything.</param>
    public static Arbitrary<Scenario> Of(
        MachineChoice machines, Func<Scenario, IEnumerable<Scenario>>? shrink = null, OperationSubset? allowed = null, MachineSettings? settings = null)
    {
        Gen<Scenario> generator = Gen.Sized(size =>
            Gen.Choose(0, int.MaxValue).SelectMany(
                _ => Gen.Choose(0, int.MaxValue),
                (high, low) => ScenarioGenerator.Draw(new RandomChoices(((ulong)high << 31) ^ (ulong)low), machines, size, allowed, settings)));
        return shrink is null ? Arb.From(generator) : Arb.From(generator, shrink);
    }
}
