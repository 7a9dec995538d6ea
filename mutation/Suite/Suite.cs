using FolioCheck.Implementation;
using FolioCheck.Kernel;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.MutationSuite;

/// <summary>
/// What mutants are held against: examples, lockstep with all invariants and step properties, laws, micro-steps and transcripts, in one chain of links that
/// ends at the first failure, cheap links first. Scenarios are read and drawn before: whatever a mutant of the reference does, all mutants meet the same.
/// Nothing is shrunk.
/// </summary>
public sealed class Suite
{
    private static readonly string[] _fewTranscripts = ["cow-5", "partial-4", "pin-5", "prot-4"];

    private readonly ScenarioFile[] _examples;
    private readonly string[] _transcripts;
    private readonly Scenario[] _default;
    private readonly Scenario[] _tiny;
    private readonly Scenario[] _large;
    private readonly Scenario[] _traced;
    private readonly Scenario[] _special;

    private Suite(string corpus, IEnumerable<string> transcripts, int normal, int tiny, int large, int traced, int special)
    {
        _examples = [.. Files(Path.Combine(corpus, "examples"), "*.scenario").Select(path => ScenarioText.Read(path, File.ReadLines(path)))];
        _transcripts = [.. transcripts];
        _default = Draw(MachineChoice.Default, normal);
        _tiny = Draw(MachineChoice.Tiny, tiny);
        _large = Draw(MachineChoice.Large, large);
        _traced = Draw(MachineChoice.Tiny, traced);
        _special =
        [
            .. Draw(MachineChoice.Tiny, special, "arch=arm64 contpte=4"),
            .. Draw(MachineChoice.Tiny, special, "arch=arm64 contpte=4 file=64 access_flags=mixed"),
            .. Draw(MachineChoice.Tiny, special, "extensions=reform-by-migration"),
            .. Draw(MachineChoice.Tiny, special, "softdirty=on quirks=none extensions=in-place-collapse"),
            .. Draw(MachineChoice.Tiny, special / 2, "extensions=lazy-zeroing"),
            .. Draw(MachineChoice.Tiny, special / 2, "file=64"),
        ];
    }

    /// <summary>The suite that every mutant meets.</summary>
    /// <param name="corpus">The folder properties/corpus.</param>
    public static Suite Quick(string corpus) => new(
        corpus, _fewTranscripts.Select(name => Path.Combine(corpus, "transcripts", name + ".jsonl.gz")), normal: 30, tiny: 60, large: 1, traced: 60, special: 40);

    /// <summary>The suite for what the quick one leaves: many more scenarios, and every recorded transcript.</summary>
    /// <param name="corpus">The folder properties/corpus.</param>
    public static Suite Thorough(string corpus) => new(
        corpus, Files(Path.Combine(corpus, "transcripts"), "*.jsonl.gz"), normal: 150, tiny: 1200, large: 3, traced: 240, special: 250);

    /// <summary>The links, in order: each says what failed, or null.</summary>
    public IEnumerable<string?> Links() => Examples()
        .Concat(InLockstep(_examples.Select(file => file.Scenario)))
        .Concat(Traces(_examples.Select(file => file.Scenario)))
        .Concat(InLockstep(_tiny))
        .Concat(InLockstep(_default))
        .Concat(Traces(_traced))
        .Concat(Laws())
        .Concat(InLockstep(_special))
        .Concat(Traces(_special))
        .Concat(InLockstep(_default.Where((_, i) => i % 4 == 0).Select(OneEntryAtATime)))
        .Concat(InLockstep(_large))
        .Concat(Transcripts());

    private IEnumerable<string?> Examples() =>
        from create in new MemorySystemFactory[] { ReferenceMemory.Create, OptimizedMemory.Create }
        from file in _examples
        select ScenarioReplay.Run(file, create).Wrong;

    private static IEnumerable<string?> InLockstep(IEnumerable<Scenario> scenarios)
    {
        var lockstep = new LockstepRun(OptimizedMemory.Create, Catalogue.All);
        return scenarios.Select(scenario => lockstep.Run(scenario)?.Summary);
    }

    /// <summary>Also without what the kernel does by mistake: the other branches of the same code.</summary>
    private static Scenario OneEntryAtATime(Scenario scenario) =>
        scenario with { Machine = scenario.Machine with { Batches = BatchPolicy.Singles, Quirks = Quirks.None } };

    private static IEnumerable<string?> Traces(IEnumerable<Scenario> scenarios)
    {
        var traces = new TraceRun(OptimizedMemory.Create, Catalogue.All);
        return scenarios.Select(scenario => traces.Run(scenario)?.Summary);
    }

    private IEnumerable<string?> Laws()
    {
        PropertyRun[] laws = [.. Catalogue.All.OfType<Law>().Select(law => new PropertyRun(OptimizedMemory.Create, law))];
        return _traced.Select((scenario, i) => laws[i % laws.Length].Run(scenario)?.Summary);
    }

    private IEnumerable<string?> Transcripts() =>
        from path in _transcripts
        from create in new MemorySystemFactory[] { ReferenceMemory.Create, OptimizedMemory.Create }
        let stop = TranscriptReplay.Run(path, create).Stop
        select stop is ReplayStop.Differs ? stop.ToString() : null;

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal);

    /// <summary>Sizes from small to large.</summary>
    private static Scenario[] Draw(MachineChoice machines, int cases, string settings = "")
    {
        if (MachineSettings.Parse(settings, out MachineSettings parsed) is string wrong)
            throw new ArgumentException(wrong, nameof(settings));
        return [.. Enumerable.Range(1, cases).Select(i => ScenarioGenerator.Draw(new RandomChoices((ulong)i), machines, 100 * i / cases, settings: parsed))];
    }
}
