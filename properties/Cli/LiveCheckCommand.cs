using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using FolioCheck.Live;
using FolioCheck.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck check --system kernel</c>: holds the running kernel against the reference on random scenarios.</summary>
public sealed class LiveCheckCommand
{
    /// <summary>Runs to spend on shrinking: each is done by the kernel.</summary>
    private const int ShrinkBudget = 600;

    private readonly CheckOptions _options;
    private readonly Quirks _quirks;
    private readonly TextWriter _output;
    private readonly CancellationToken _cancellation;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private IReadOnlyList<CorpusVerdict> _corpus = [];
    private ReportedFailure? _reported;
    private TimeSpan _nextProgress = TimeSpan.FromSeconds(10);
    private ShrinkResult? _shrinking;

    private LiveCheckCommand(CheckOptions options, Quirks quirks, TextWriter output, CancellationToken cancellation)
    {
        _options = options;
        _quirks = quirks;
        _output = output;
        _cancellation = cancellation;
    }

    /// <summary>Runs the command.</summary>
    /// <param name="options">What to do; the machine is the one that it runs on.</param>
    /// <param name="fromOutside">Whether to look at the kernel from outside only.</param>
    /// <param name="quirks">The quirks that the reference takes the kernel to have.</param>
    /// <param name="output">Where output goes.</param>
    /// <param name="cancellation">Ends the run early, with a summary.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(CheckOptions options, bool fromOutside, Quirks quirks, TextWriter output, CancellationToken cancellation) =>
        LiveThread.Run(fromOutside, output, new LiveCheckCommand(options, quirks, output, cancellation).Run);

    private int Run(LiveKernel kernel)
    {
        Say(Command(_options.Campaign.Cases, _options.Campaign.Time));
        foreach (Feature feature in kernel.Features)
            Say($"{feature.Name}: {(feature.Missing is null ? "yes" : "no: " + feature.Missing)}");
        Say($"comparison: {kernel.Profile.Name}");
        var replaying = new LiveLockstep(kernel);
        _corpus = CorpusReplay.Run(_options.Corpus, scenario => (replaying.TryReplay(scenario, out Failure? failure), failure));
        foreach (string line in CorpusReplay.Lines(_corpus, "foliocheck replay --system kernel "))
            Say(line);
        var campaign = new LiveCampaign(kernel, _quirks);
        LiveResult result = campaign.Run(_options.Campaign, () => _clock.Elapsed, cases => Progress(campaign, cases), _cancellation);
        TimeSpan elapsed = _clock.Elapsed;
        int code = result.Failure is null ? ExitCode.Held : ReportFailure(kernel, result);
        List<string> missing = result.Failure is null && result.Cases >= CampaignOptions.DefaultCases ? campaign.NeverSeen() : [];
        if (missing.Count > 0)
        {
            Say("inconclusive, never seen: " + string.Join("; ", missing));
            code = ExitCode.Inconclusive;
        }
        if (_cancellation.IsCancellationRequested && code == ExitCode.Held)
        {
            Say("inconclusive: stopped early");
            code = ExitCode.Inconclusive;
        }
        if (_corpus.Any(verdict => verdict.Failure is not null))
            code = ExitCode.Failed;
        Rows rows = MakeRows(campaign, result, elapsed);
        Say("");
        Say(rows.ToString().TrimEnd('\n'));
        string repeat = Command(result.Failure is null ? result.Cases : _options.Campaign.Cases ?? result.Cases, null);
        IReadOnlyList<CheckVerdict> verdicts = CheckVerdict.OfKernel(campaign.Lockstep.Tally, _reported, _corpus, missing);
        code = new CheckSummary(repeat, code, _options.System, rows, verdicts, _reported).WriteFiles(_options, () => rows.ToJson(), Say);
        Say("repeat: " + repeat);
        return code;
    }

    private string Command(long? cases, TimeSpan? time)
    {
        string budget = time is TimeSpan span
            ? string.Create(CultureInfo.InvariantCulture, $"--time {span.TotalSeconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"--cases {cases ?? CampaignOptions.DefaultCases}");
        string without = string.Concat(Enum.GetValues<Quirks>().Where(quirk => BitOperations.IsPow2((int)quirk) && !_quirks.HasFlag(quirk) && Quirks.Linux618.HasFlag(quirk)).Select(quirk => $" --without-quirk {quirk}"));
        return string.Create(CultureInfo.InvariantCulture, $"foliocheck check --system kernel --seed {_options.Campaign.Seed} {budget}{without}{_options.CorpusOption}");
    }

    private void Progress(LiveCampaign campaign, long cases)
    {
        if (_clock.Elapsed < _nextProgress)
            return;
        _nextProgress = _clock.Elapsed + TimeSpan.FromSeconds(10);
        long applied = campaign.Lockstep.Tally.Applied;
        Say(string.Create(CultureInfo.InvariantCulture, $"{cases} cases, {applied} operations, {applied / _clock.Elapsed.TotalSeconds:0} operations/s"));
    }

    private int ReportFailure(LiveKernel kernel, LiveResult result)
    {
        Say($"differs after {result.Cases} cases: {result.Failure!.Summary}");
        var shrinking = new LiveLockstep(kernel);
        Scenario shrunk = result.Scenario!;
        if (_options.Shrinks)
        {
            Say("shrinking ...");
            _shrinking = Shrinker.Run(
                shrunk, result.Failure!, scenario => _cancellation.IsCancellationRequested ? null : shrinking.Run(scenario), ShrinkBudget);
            shrunk = _shrinking.Scenario;
        }
        Failure failure = shrinking.Run(shrunk) ?? result.Failure!;
        Say("");
        // There are no pictures of the kernel: what it shows is not an observation of a model. The reference's are printed.
        _reported = new ReportedFailure(failure, shrunk, FailureReport.Write(shrunk, failure, ReferenceMemory.Create).TrimEnd('\n'));
        Say(_reported.Text);
        var saved = new SavedFailure(
            FailureKind.Of(SystemChoice.Kernel, failure), shrunk, failure, _options.Campaign.Seed, Command(_options.Campaign.Cases, _options.Campaign.Time));
        Say(Corpus.Keep(_options.SaveTo, saved).Describe("foliocheck replay --system kernel "));
        return ExitCode.Failed;
    }

    private Rows MakeRows(LiveCampaign campaign, LiveResult result, TimeSpan elapsed)
    {
        Tally tally = campaign.Lockstep.Tally;
        var rows = new Rows();
        rows.Add("system", "kernel");
        rows.Add("seed", _options.Campaign.Seed);
        // It is the kernel's states that are compared here, and not those of a model with a bug.
        rows.Add("canary", "left out: none can be planted in the kernel");
        rows.Add("cases", result.Cases);
        rows.Add("operations", tally.Effective);
        rows.Add("operations without effect", tally.Applied - tally.Effective);
        rows.Add("divergences", result.Failure is null ? 0 : 1);
        rows.Add("fields compared", campaign.Lockstep.Fields);
        rows.Add("mean mapped PTEs", tally.MeanMappedPtes);
        foreach ((string name, Tally.KindTally kind) in tally.Kinds)
        {
            rows.Add(name, new Dictionary<string, long>(
                [new("effective", kind.Effective), new("without effect", kind.WithoutEffect), .. kind.Outcomes]));
        }
        if (_shrinking is not null)
            ShrinkRows.Add(rows, _shrinking);
        if (_options.Corpus is not null)
            CorpusReplay.AddRows(rows, _corpus);
        rows.AddTimed("cases with a difference that was not there again", campaign.Unrepeated.Count);
        foreach (IGrouping<string, Failure> field in campaign.Unrepeated.GroupBy(failure => failure.Field).OrderBy(field => field.Key, StringComparer.Ordinal))
            rows.AddTimed("not there again, " + field.Key, field.Count());
        rows.AddTimed("seconds", elapsed.TotalSeconds);
        rows.AddTimed("operations/s", tally.Applied / Math.Max(0.001, elapsed.TotalSeconds));
        return rows;
    }

    private void Say(string text)
    {
        _output.WriteLine(text);
        _output.Flush();
    }
}
