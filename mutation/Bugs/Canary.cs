using System.Globalization;
using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>What became of a canary.</summary>
/// <param name="Text">It in one line.</param>
/// <param name="Caught">Whether it was caught.</param>
public sealed record CanaryResult(string Text, bool Caught);

/// <summary>
/// A system with a planted bug that the checks of a run must catch before anybody believes that they find nothing wrong: checks that were switched off by
/// mistake, or that look past what they should look at, hold for it as well.
/// </summary>
public sealed class Canary
{
    /// <summary>Operations within which a canary must be caught.</summary>
    public const long Budget = 3000;

    /// <summary>The scenarios are the same for every run, so that it can be known beforehand that a canary is caught.</summary>
    private const ulong Seed = 1;

    private readonly PlantedBug? _bug;
    private readonly SystemUnderTest? _system;

    /// <summary>A canary with a planted bug.</summary>
    public Canary(PlantedBug bug)
    {
        _bug = bug;
        Name = bug.Id;
    }

    /// <summary>Any system in the place of one with a bug.</summary>
    /// <param name="name">How it is called.</param>
    /// <param name="system">The system.</param>
    public Canary(string name, SystemUnderTest system)
    {
        _system = system;
        Name = name;
    }

    /// <summary>
    /// Ids of the bugs that take turns: of those in <see cref="PropertyBugs"/> whose machines need no settings, some that very few operations show, whichever law a run
    /// has. A test lets each be caught within <see cref="Budget"/> operations.
    /// </summary>
    public static IReadOnlyList<string> Rotation { get; } =
    [
        "copy-keeps-reference",
        "fork-rss-small-pages",
        "fork-references-by-calls",
        "dup-counts-pages-mapped",
        "anon-mapped-by-mappings",
        "fork-clears-one-exclusive",
        "fork-protects-child-only",
        "fill-repeats-frames",
        "slot-keeps-process",
        "unmapped-folio-keeps-slots",
        "second-slot-shares-nothing",
        "deposited-tables-not-counted",
        "unaligned-blocks",
        "smaps-first-page-decides",
        "n20-struct-copy",
        "lazyfree-counts-dirty",
        "new-folio-head-exclusive",
        "partial-from-large-mapcount",
        "pmd-split-drops-dirty",
        "store-leaves-clean",
        "mlock-forgets-populate",
        "move-drops-dirty",
        "n07-batch-across-leaf-table",
        "fresh-folio-not-zeroed",
        "no-block-at-page-zero",
        "fork-maps-before-reference",
        "dontneed-removes-guards",
        "sigbus-at-next-page",
        "mprotect-without-flush",
        "uffd-protect-keeps-write",
    ];

    /// <summary>Its name: the id of its bug.</summary>
    public string Name { get; }

    /// <summary>The canary of a run.</summary>
    /// <param name="seed">The run's seed: runs with consecutive seeds have different canaries.</param>
    public static Canary Of(ulong seed) => new(PlantedBugs.Find(Rotation[(int)(seed % (ulong)Rotation.Count)])!);

    /// <summary>Lets a run's checks look for it: lockstep, invariants and step properties, laws, micro-steps, and some cases twice.</summary>
    /// <param name="law">Number of the only law of the run; null for all in turn.</param>
    public CanaryResult Run(int? law = null)
    {
        using CompiledBug? compiled = _bug?.Compile();
        SystemUnderTest system = _system ?? new SystemUnderTest(compiled!.Create) { CreateTraced = compiled.CreateObserved };
        var runner = new CaseRunner(system with { OnlyLaw = law });
        long operations = 0;
        for (long number = 0; operations < Budget; number++)
        {
            Scenario scenario = BugHunt.Draw(Seed, number);
            if (runner.RunAsNumbered(scenario, number) is Failure failure)
                return Caught(new HuntResult(HuntEnd.Caught, operations + failure.Step + 1, failure, null));
            operations += scenario.Operations.Count;
        }
        return new CanaryResult(string.Create(CultureInfo.InvariantCulture, $"{Name} not caught in {operations} operations"), Caught: false);
    }

    private CanaryResult Caught(HuntResult hunt) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Name} caught by {hunt.CaughtBy} after {hunt.Operations} operations"), Caught: true);
}
