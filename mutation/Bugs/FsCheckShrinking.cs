using FolioCheck.Properties;
using FolioCheck.Vocabulary;
using FsCheck;
using FsCheck.Fluent;

namespace FolioCheck.Mutation;

/// <summary>What FsCheck makes of a failing scenario by itself: the shrinker that it derives for an array of records, in its own loop.</summary>
internal static class FsCheckShrinking
{
    /// <summary>Shrinks the operations behind a start that stays.</summary>
    public static Scenario Shrink(Scenario scenario, int start, Failure wanted, Func<Scenario, Failure?> run)
    {
        Arbitrary<Operation[]> usual = ArbMap.Default.ArbFor<Operation[]>();
        Arbitrary<Operation[]> failing = Arb.From(Gen.Constant(scenario.Operations.Skip(start).ToArray()), usual.Shrinker);
        Scenario best = scenario;
        Check.One(Config.Quick.WithMaxTest(1).WithRunner(new SilentRunner()), Prop.ForAll(failing, operations =>
        {
            Scenario candidate = scenario with { Operations = [.. scenario.Operations.Take(start), .. operations] };
            if (run(candidate) is not Failure failure || !failure.IsLike(wanted))
                return true;
            // FsCheck goes on with each candidate that fails.
            best = candidate;
            return false;
        }));
        return best;
    }
}
