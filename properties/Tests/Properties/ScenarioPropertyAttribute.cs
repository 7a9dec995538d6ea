using FsCheck.Xunit;

namespace FolioCheck.Properties.Tests.Properties;

/// <summary>
/// A property of scenarios. Seeded, so that every run tests the same; FOLIOCHECK_SEED ("seed,gamma") and FOLIOCHECK_MAXTEST in the environment
/// change that, for longer runs and for mutation testing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ScenarioPropertyAttribute : PropertyAttribute
{
    public ScenarioPropertyAttribute()
    {
        Arbitrary = [typeof(ScenarioArbitraries)];
        Replay = Environment.GetEnvironmentVariable("FOLIOCHECK_SEED") ?? "20260101,1234567";
        if (int.TryParse(Environment.GetEnvironmentVariable("FOLIOCHECK_MAXTEST"), out int maxTest))
            MaxTest = maxTest;
    }
}
