using System.Globalization;
using System.Text;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>The page_fault3 regression as a Markdown document: counts, the model, what is fitted and what is predicted, and what that hangs on.</summary>
internal static class PageFault3Document
{
    private const string Window16 = "page-fault3-window";
    private const string WholeFolio256 = "page-fault3-whole-folios-of-256";

    /// <summary>Share of the processors' time in contpte_convert in case 2, as the report's profile has it. Nothing is fitted to it.</summary>
    private const double ReportedShareOfFolding = 0.76;

    /// <summary>Names of the sets of fixed weights that the prediction is tried with, and by what they are multiplied.</summary>
    private static readonly (string Name, double Factor)[] _factors = [("as fixed", 1), ("halved", 0.5), ("doubled", 2), ("all zero: faults and invalidations alone", 0)];

    /// <summary>The settings in a few lines, for a terminal.</summary>
    public static string Summary(PageFault3Study study)
    {
        var text = new StringBuilder();
        Line(text, $"fixed before: touch {study.Weights.Touch} ns, read {study.Weights.Read} ns, store {study.Weights.Store} ns, exchange {study.Weights.Exchange} ns");
        Line(text, $"fitted to cases 2 and 3: fault {study.Weights.Fault:0} ns, block invalidation {study.Weights.BlockInvalidation:0} ns");
        foreach (PageFault3Prediction prediction in study.Predictions)
        {
            string error = prediction.Case.IsFitted ? "fitted" : "predicted, error " + Percent(prediction.Error);
            Line(text, $"case {prediction.Case.Number}, {prediction.Case.Title}: measured {Millions(prediction.Case.Throughput)}, model {Millions(prediction.Throughput)}, {error}");
        }
        return text.ToString();
    }

    /// <summary>The document.</summary>
    /// <param name="study">The settings.</param>
    /// <param name="costs">The other scenarios.</param>
    /// <param name="chart">Name of the chart, which lies beside the document.</param>
    public static string Write(PageFault3Study study, KnownCosts costs, string chart)
    {
        var text = new StringBuilder();
        Introduce(text, study, chart);
        WriteCounts(text, study);
        WriteModel(text, study);
        WritePredictions(text, study);
        WriteFactors(text, study);
        WriteWhatWasNotMeasured(text, study, costs);
        WriteWhatIsLeftOut(text);
        WriteOtherPatterns(text, costs);
        return text.ToString();
    }

    /// <summary>Page touches a second as people say them.</summary>
    public static string Millions(double throughput) => (throughput / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " M";

    /// <summary>An error as people say it.</summary>
    public static string Percent(double error) => (error * 100).ToString("+0;\u22120;0", CultureInfo.InvariantCulture) + " %";

    private static void Introduce(StringBuilder text, PageFault3Study study, string chart)
    {
        double slower = Measured(study, 1) / Measured(study, 2);
        double faster = Measured(study, 4) / Measured(study, 1);
        Line(text, $"# page_fault3: what it costs to fold page by page");
        Line(text, $"");
        Line(text, $"`foliocheck page-fault3 --output docs/page_fault3.md` writes this document and its chart; a test holds both against what it writes.");
        Line(text, $"");
        Line(text, $"![Page touches a second in four settings, measured and as the model says, and what happens in each block of 64 KiB]({chart})");
        Line(text, $"");
        Line(text, $"will-it-scale's page_fault3 maps a file shared, stores to each page once, unmaps it, and begins again. On arm64, with {PageFault3Study.Processes} processes and large folios on ext4, it was reported");
        Line(text, $"(June 2024, replies to \"[PATCH v6 18/18] arm64/mm: Automatically fold contpte mappings\") to become {slower:0.0} times slower than with small folios, and {faster:0.0} times");
        Line(text, $"faster when a fault maps the whole folio. Here the same four settings run on the models of this repository, which count what happens to page-table entries");
        Line(text, $"([SPECIFICATION.md](../reference/SPECIFICATION.md) 7.8, 17.28, 17.29). What those counts explain, and what they do not, is below.");
        Line(text, $"");
    }

    private static void WriteCounts(StringBuilder text, PageFault3Study study)
    {
        Line(text, $"## What happens in one block of 64 KiB (16 pages)");
        Line(text, $"");
        Line(text, $"| case | faults | reads | stores | exchanges | folds | set folded | block invalidations | at munmap: reads | exchanges |");
        Line(text, $"|---|---|---|---|---|---|---|---|---|---|");
        foreach (PageFault3Prediction prediction in study.Predictions)
        {
            TouchCounts run = prediction.Counts;
            (EventCounts touching, EventCounts unmapping) = (run.Touching, run.Unmapping);
            long[] counts =
            [
                touching.Faults, touching.Reads, touching.Stores, touching.Exchanges, touching.Folds, touching.SetFolded, touching.BlockInvalidations, unmapping.Reads, unmapping.Exchanges,
            ];
            Line(text, $"| {prediction.Case.Number} {prediction.Case.Title} | {string.Join(" | ", counts.Select(count => Block(run, count)))} |");
        }
        Line(text, $"");
        Line(text, $"Without any model of time:");
        Line(text, $"");
        Line(text, $"* Case 2 does all that case 3 does. Besides, when the last page of a block is mapped, all 16 entries are taken out again, their translations are invalidated on every");
        Line(text, $"  processor, and they are put back folded. Once the block is unmapped that was for nothing: nobody looks at it twice.");
        Line(text, $"* Case 4 has one fault where the others have 16, and its block is folded from the start: no exchange, no invalidation. It is the layer as it was meant to be used.");
        Line(text, $"* Cases 1 and 3 differ by reads alone. Why small folios were measured to be {Measured(study, 1) / Measured(study, 3) - 1:0 %} faster than large ones without the layer cannot be seen in counts of entries.");
        Line(text, $"* Stored to in descending order, no block is folded in case 2; in random order only those whose last page comes last (below).");
        Line(text, $"");
    }

    private static void WriteModel(StringBuilder text, PageFault3Study study)
    {
        CostWeights weights = study.Weights;
        Line(text, $"## The model, before anything is fitted");
        Line(text, $"");
        Line(text, $"    time of a page touch = touch + fault x faults + read x reads + store x stores + exchange x exchanges + invalidation x block invalidations");
        Line(text, $"");
        Line(text, $"with counts for each page touched, munmap included, in nanoseconds of one of {PageFault3Study.Processes} processors. Four weights are fixed, for reasons that have nothing to do with these measurements:");
        Line(text, $"");
        Line(text, $"| weight | ns | reason |");
        Line(text, $"|---|---|---|");
        Line(text, $"| touch | {weights.Touch} | three accesses to memory of 100 ns each, however the page is mapped: the line of the page that the program stores to, and its struct page (the mapcount) when the mapping comes and when it goes; {PageFault3Study.Processes} processes with 128 MiB each fit into no cache |");
        Line(text, $"| read, store | {weights.Read} | the entries of a block lie in two cache lines that this processor has just used |");
        Line(text, $"| exchange | {weights.Exchange} | an atomic change of such a line |");
        Line(text, $"| full invalidation | 0 | one a munmap, which is one for 32,768 touches in the benchmark |");
        Line(text, $"| fold, set folded | 0 | they are made of reads, stores, exchanges and an invalidation, which are counted |");
        Line(text, $"");
        Line(text, $"Two are free, because no data sheet has them: **fault** (exception, VMA, file system, page cache, rmap, and back) and **block invalidation** (a broadcast to all processors,");
        Line(text, $"and waiting for the last of them). Two free weights need two measurements: cases 2 and 3. Cases 1 and 4 are not looked at (a test changes them and sees the same weights).");
        Line(text, $"Who fixed the weights had, however, read the report: so how much hangs on them is shown below.");
        Line(text, $"");
    }

    private static void WritePredictions(StringBuilder text, PageFault3Study study)
    {
        Line(text, $"## Fitted and predicted");
        Line(text, $"");
        Line(text, $"| case | measured, touches/s | model | error | |");
        Line(text, $"|---|---|---|---|---|");
        foreach (PageFault3Prediction prediction in study.Predictions)
        {
            string kind = prediction.Case.IsFitted ? "fitted: exact by construction, says nothing" : "**predicted**";
            string error = prediction.Case.IsFitted ? "" : Percent(prediction.Error);
            Line(text, $"| {prediction.Case.Number} {prediction.Case.Title} | {Millions(prediction.Case.Throughput)} | {Millions(prediction.Throughput)} | {error} | {kind} |");
        }
        PageFault3Prediction folding = study.Predictions.First(prediction => prediction.Counts.Total.Folds > 0);
        double share = study.Weights.TimeOfFolding(folding.Counts) / folding.Time;
        Line(text, $"");
        Line(text, $"The fit gives {study.Weights.Fault / 1000:0.0} µs for a fault and {study.Weights.BlockInvalidation / 1000:0} µs for a block invalidation. An invalidation lasts as long as {study.Weights.BlockInvalidation / study.Weights.Fault:0} faults; a block has 16.");
        Line(text, $"Case 4 is only as good as the weight of a touch, see below.");
        Line(text, $"A second prediction: {share:0 %} of the time of case {folding.Case.Number} goes into contpte_convert. The profile in the report says {ReportedShareOfFolding:0 %}.");
        Line(text, $"");
    }

    private static void WriteFactors(StringBuilder text, PageFault3Study fitted)
    {
        Line(text, $"## How much hangs on the fixed weights");
        Line(text, $"");
        Line(text, $"The same fit to cases 2 and 3 with other fixed weights:");
        Line(text, $"");
        Line(text, $"| fixed weights | fault, ns | block invalidation, µs | case 1 | error | case 4 | error |");
        Line(text, $"|---|---|---|---|---|---|---|");
        foreach ((string name, double factor) in _factors)
        {
            PageFault3Study study = fitted.WithFixedTimes(factor);
            PageFault3Prediction[] predicted = [.. study.Predictions.Where(prediction => !prediction.Case.IsFitted)];
            string cells = string.Join(" | ", predicted.Select(prediction => $"{Millions(prediction.Throughput)} | {Percent(prediction.Error)}"));
            Line(text, $"| {name} | {study.Weights.Fault:0} | {study.Weights.BlockInvalidation / 1000:0.0} | {cells} |");
        }
        Line(text, $"");
        Line(text, $"So the price of a fold and the prediction of case 1 are firm. That of case 4 is not: once faults are few, what is left is what a touch costs anyway, and that is the 300 ns");
        Line(text, $"that were put in. The counts say that it is much faster than case 1; they do not say how much.");
        Line(text, $"");
    }

    private static void WriteWhatWasNotMeasured(StringBuilder text, PageFault3Study study, KnownCosts costs)
    {
        Line(text, $"## What nobody measured: a window instead of the whole folio");
        Line(text, $"");
        Line(text, $"The discussion feared that mapping a large folio whole lets RSS grow, and proposed to map the naturally aligned window of 16 pages around the fault (Linux 6.18 maps the whole folio). With");
        Line(text, $"folios of 256 pages:");
        Line(text, $"");
        Line(text, $"| a fault maps | faults a block | block invalidations a block | model, touches/s | RSS after one touch, pages | RSS after all |");
        Line(text, $"|---|---|---|---|---|---|");
        foreach ((string name, string scenario, string rss) in new[] { ("the window", Window16, "rss-window"), ("the whole folio", WholeFolio256, "rss-folio") })
        {
            var run = new TouchCounts(costs.Of(scenario));
            ScenarioCost memory = costs.Of(rss);
            Line(text, $"| {name} | {Block(run, run.Total.Faults)} | {Block(run, run.Total.BlockInvalidations)} | {Millions(study.ThroughputOf(scenario))} | {memory.Operations[1].Rss} | {memory.LargestRss} |");
        }
        Line(text, $"");
    }

    private static void WriteWhatIsLeftOut(StringBuilder text)
    {
        Line(text, $"## What the model leaves out");
        Line(text, $"");
        Line(text, $"* That the processors wait for each other: a broadcast invalidation has one price here, whoever else sends one; memory and the file system's locks have no queues.");
        Line(text, $"* What large and small folios cost apart from entries: their counters of mappings, finding them in the page cache, dirtying them. This is where case 1 goes wrong.");
        Line(text, $"* What folding is for: fewer TLB misses afterwards. page_fault3 touches each page once, so there is nothing to gain.");
        Line(text, $"* How large the folios of the report were. The scenarios have folios of 16 pages, the smallest that a block fits into; larger ones mean fewer faults in case 4.");
        Line(text, $"* The file system: page_mkwrite is part of the fault, once for each.");
        Line(text, $"");
    }

    private static void WriteOtherPatterns(StringBuilder text, KnownCosts costs)
    {
        Line(text, $"## The layer under other programs");
        Line(text, $"");
        Line(text, $"For each block of 16 pages, with the layer and without it. The collector takes the write right of its heap page by page and gives it back: what folding at the last entry is for. The heap gives two pages");
        Line(text, $"of each block back and uses them again. Stores in another order are those of case 2.");
        Line(text, $"");
        Line(text, $"| scenario of properties/corpus/costs | layer | reads | stores | exchanges | unfolds | folds | block invalidations |");
        Line(text, $"|---|---|---|---|---|---|---|---|");
        foreach (string name in new[] { "collector-ascending", "collector-descending", "heap-trim" })
        {
            WritePattern(text, name, "on", costs.Of(name + "-arm64"), 4);
            WritePattern(text, name, "off", costs.Of(name + "-x86"), 4);
        }
        WritePattern(text, "page-fault3-descending", "on", costs.Of("page-fault3-descending"), 4);
        WritePattern(text, "page-fault3-random", "on", costs.Of("page-fault3-random"), 4);
        Line(text, $"");
        Line(text, $"    foliocheck cost properties/corpus/costs/*.scenario");
        Line(text, $"");
        Line(text, $"counts them all, and with `--per-operation` says in which operation.");
    }

    private static void WritePattern(StringBuilder text, string name, string layer, ScenarioCost cost, int blocks)
    {
        EventCounts total = cost.Total;
        long[] counts = [total.Reads, total.Stores, total.Exchanges, total.Unfolds, total.Folds, total.BlockInvalidations];
        Line(text, $"| {name} | {layer} | {string.Join(" | ", counts.Select(count => Number((double)count / blocks)))} |");
    }

    private static double Measured(PageFault3Study study, int number) => study.Predictions.First(prediction => prediction.Case.Number == number).Case.Throughput;

    private static string Block(TouchCounts run, long count) => Number(run.PerBlock(count));

    private static string Number(double number) => number.ToString("0.####", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');
}
