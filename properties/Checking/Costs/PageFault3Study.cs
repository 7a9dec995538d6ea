namespace FolioCheck.Properties;

/// <summary>
/// The page_fault3 regression of contpte (SPECIFICATION.md 7.8) in counts and in time. Two weights of the cost model are fitted to two of the four measured
/// settings; the other two settings are predicted, and nothing of them is read before.
/// </summary>
public sealed class PageFault3Study
{
    /// <summary>Processes that ran at the same time, each on a processor of its own (page_fault3_processes -t 128).</summary>
    public const int Processes = 128;

    private readonly Func<string, TouchCounts> _count;
    private readonly IReadOnlyList<PageFault3Case> _cases;
    private readonly CostWeights _fixed;

    /// <summary>A study.</summary>
    /// <param name="count">Counts a scenario of properties/corpus/costs by its name.</param>
    /// <param name="cases">The settings; two of them are for fitting.</param>
    /// <param name="fixedWeights">The weights that are not fitted.</param>
    public PageFault3Study(Func<string, TouchCounts> count, IReadOnlyList<PageFault3Case> cases, CostWeights fixedWeights)
    {
        (_count, _cases, _fixed) = (count, cases, fixedWeights);
        (TouchCounts Run, double Time)[] known = [.. cases.Where(setting => setting.IsFitted).Select(setting => (count(setting.Scenario), Exchange(setting.Throughput)))];
        Weights = fixedWeights.FittedTo(known[0], known[1]);
        Predictions = [.. cases.Select(setting => new PageFault3Prediction(setting, count(setting.Scenario), Weights.TimeOf(count(setting.Scenario))))];
    }

    /// <summary>The settings as they were reported.</summary>
    public static IReadOnlyList<PageFault3Case> Reported { get; } =
    [
        new(1, "small folios", "page-fault3-1-small-folios", 92_378_735, IsFitted: false),
        new(2, "large folios, contpte, page by page", "page-fault3-2-large-folios-by-page", 16_164_943, IsFitted: true),
        new(3, "large folios, no contpte, page by page", "page-fault3-3-large-folios-without-layer", 80_364_074, IsFitted: true),
        new(4, "large folios, contpte, whole folio", "page-fault3-4-whole-folios", 299_656_874, IsFitted: false),
    ];

    /// <summary>
    /// The weights that are fixed before anything is fitted, in nanoseconds. A touch goes to memory three times whatever maps the page: for the line of the page,
    /// and for its struct page when the mapping comes and when it goes; 128 processes with 128 MiB each leave no cache that could hold them.
    /// </summary>
    public static CostWeights FixedWeights { get; } = new() { Touch = 3 * 100, Read = 1, Store = 1, Exchange = 10 };

    /// <summary>All weights, two of them fitted.</summary>
    public CostWeights Weights { get; }

    /// <summary>What they say of each setting.</summary>
    public IReadOnlyList<PageFault3Prediction> Predictions { get; }

    /// <summary>The same study with all weights that are fixed multiplied, to see how much hangs on them.</summary>
    /// <param name="factor">By what.</param>
    public PageFault3Study WithFixedTimes(double factor) => new(_count, _cases, _fixed.Times(factor));

    /// <summary>What they say of another scenario: page touches a second of all processes.</summary>
    /// <param name="scenario">Its name.</param>
    public double ThroughputOf(string scenario) => Exchange(Weights.TimeOf(_count(scenario)));

    /// <summary>Page touches a second of all processes for nanoseconds a touch of one of them, and the other way round.</summary>
    public static double Exchange(double timeOrThroughput) => Processes * 1e9 / timeOrThroughput;
}
