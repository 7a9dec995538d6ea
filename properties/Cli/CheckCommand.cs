using System.Diagnostics;
using System.Globalization;
using FolioCheck.Exec;
using FolioCheck.Mutation;
using FolioCheck.Properties;
using Spectre.Console;

namespace FolioCheck.Cli;

/// <summary>What <c>check</c> was asked for.</summary>
/// <param name="Campaign">Seed, machines, cases or time.</param>
/// <param name="Json">File for the rows as JSON; null for none.</param>
/// <param name="SaveTo">Folder for failing scenarios.</param>
/// <param name="System">What <c>--system</c> says.</param>
/// <param name="Checkpoint">File from which a run that was killed goes on; null for none.</param>
public sealed record CheckOptions(
    CampaignOptions Campaign, string? Json, string SaveTo, string System = SystemChoice.Implementation, string? Checkpoint = null)
{
    /// <summary>Whether a failing scenario is shrunk.</summary>
    public bool Shrinks { get; init; } = true;

    /// <summary>The bug that must be caught before anything is checked; null to leave it out.</summary>
    public Canary? Canary { get; init; }

    /// <summary>Saved scenarios to replay before anything is drawn; null for none.</summary>
    public Corpus? Corpus { get; init; }

    /// <summary>The corpus as a command line repeats it, with a blank before it; nothing where there is none.</summary>
    public string CorpusOption => Corpus is null ? "" : " --corpus " + Corpus.Folder;

    /// <summary>File for a JUnit report; null for none.</summary>
    public string? Junit { get; init; }

    /// <summary>File for a summary in Markdown; null for none.</summary>
    public string? Markdown { get; init; }
}

/// <summary><c>foliocheck check</c>: holds a system against the reference on random scenarios.</summary>
public sealed class CheckCommand
{
    /// <summary>Runs that a failure is shrunk by at most when each that fails takes as long as the program is given.</summary>
    private const int ShrinkRunsAtTimeLimit = 40;

    private readonly SystemUnderTest _system;
    private readonly IAnsiConsole _console;
    private readonly CheckOptions _options;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly CancellationToken _cancellation;
    private TimeSpan _before;
    private Figures _start = new();
    private ShrinkResult? _shrinking;
    private IReadOnlyList<CorpusVerdict> _corpus = [];
    private ReportedFailure? _reported;

    private CheckCommand(CheckOptions options, SystemUnderTest system, IAnsiConsole console, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _options = options;
        _system = system;
        _console = console;
    }

    /// <summary>Runs the command.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="system">The tested system.</param>
    /// <param name="console">Where output goes.</param>
    /// <param name="cancellation">Ends the run early, with a summary.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(CheckOptions options, SystemUnderTest system, IAnsiConsole console, CancellationToken cancellation) =>
        new CheckCommand(options, system, console, cancellation).Run();

    private TimeSpan Elapsed => _before + _clock.Elapsed;

    private int Run()
    {
        RunRecord run = RunRecord.Of(_options);
        var checkpoint = new CampaignCheckpoint(new Guide(_options.Campaign.Machines, _system.Operations));
        CheckpointFile? file = _options.Checkpoint is string path ? new CheckpointFile(path, run) : null;
        if (file is not null && Open(file, ref checkpoint) is int refused)
            return refused;
        Say(Command(_options.Campaign.Cases, _options.Campaign.Time));
        run = run with { Canary = _options.Canary?.Run(_options.Campaign.Law) };
        if (run.Canary is { Caught: false })
            return Report(run, new Campaign(_system), new CampaignResult(0, null, null), file?.Problem);
        // A run of a given time has all of it for itself.
        _clock.Restart();
        ReplayCorpus();
        if (checkpoint.NextBlock > 0)
            Say(string.Create(CultureInfo.InvariantCulture, $"going on after {checkpoint.Figures.Cases} cases"));
        var campaign = new Campaign(_system);
        CampaignResult result = WithProgress(campaign, progress => campaign.Run(_options.Campaign, () => Elapsed, progress, _cancellation, checkpoint));
        file?.Write(checkpoint, Elapsed);
        // Who stops a run at the terminal stops the program that is checked with it: that end is no fault of the program.
        if (_cancellation.IsCancellationRequested && result.Failure?.Field == ProgramFailure.Ended)
            result = result with { Scenario = null, Failure = null };
        return Report(run, campaign, result, file?.Problem);
    }

    /// <summary>Reads where the run stands. A file that cannot be written is better known before hours of work than after.</summary>
    /// <returns>An <see cref="ExitCode"/> if there is nothing to go on from and nothing to begin.</returns>
    private int? Open(CheckpointFile file, ref CampaignCheckpoint checkpoint)
    {
        try
        {
            checkpoint = file.Open(checkpoint.Guide);
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            Say($"{_options.Checkpoint}: {exception.Message}");
            return ExitCode.BadInput;
        }
        _before = file.Before;
        _start = new Figures();
        _start.Add(checkpoint.Figures);
        CampaignCheckpoint known = checkpoint;
        file.Write(known, Elapsed);
        if (file.Problem is string problem)
        {
            Say($"{_options.Checkpoint}: {problem}");
            return ExitCode.CannotWrite;
        }
        known.BlockDone = () => file.Write(known, Elapsed);
        return null;
    }

    private int Report(RunRecord run, Campaign campaign, CampaignResult result, string? checkpointProblem)
    {
        TimeSpan elapsed = Elapsed;
        int code = result.Failure is null ? ExitCode.Held : ExitCode.Failed;
        run = run with { Complete = result.Failure is not null || result.Cases == _options.Campaign.ShardTarget && run.Canary is not { Caught: false } };
        if (result.Failure is not null)
            run = run with { Failure = ReportFailure(result) };
        List<string> missing = result.Failure is null && result.Cases >= CampaignOptions.DefaultCases ? Missing(run, campaign) : [];
        if (missing.Count > 0)
        {
            Say("inconclusive, never seen: " + string.Join("; ", missing));
            code = ExitCode.Inconclusive;
        }
        if (run.Canary is { Caught: false } missed)
        {
            Say($"inconclusive, nothing was checked: canary {missed.Text}");
            code = ExitCode.Inconclusive;
        }
        if (_cancellation.IsCancellationRequested && result.Failure is null)
        {
            Say($"inconclusive: stopped early, {Progress(result.Cases)}");
            code = ExitCode.Inconclusive;
        }
        if (_corpus.Any(verdict => verdict.Failure is not null))
            code = ExitCode.Failed;
        Rows rows = MakeRows(run, campaign, elapsed);
        Say("");
        Say(rows.ToString().TrimEnd('\n'));
        bool whole = result.Failure is null && _options.Campaign.Shard == Shard.Whole;
        string repeat = Command(whole ? result.Cases : _options.Campaign.Cases ?? result.Cases, null);
        var summary = new CheckSummary(repeat, code, _options.System, rows, CheckVerdict.Of(_system, campaign, run.Canary, _reported, _corpus, missing), _reported);
        code = summary.WriteFiles(_options, () => CampaignRows.ToJson(rows, run, campaign.Figures), Say);
        if (checkpointProblem is not null)
        {
            Say($"{_options.Checkpoint}: {checkpointProblem}");
            code = code == ExitCode.Held ? ExitCode.CannotWrite : code;
        }
        Say("repeat: " + repeat);
        return code;
    }

    private void ReplayCorpus()
    {
        var campaign = new Campaign(_system);
        _corpus = CorpusReplay.Run(
            _options.Corpus, scenario => _system.Operations.Includes(scenario) ? (true, campaign.RunWithEveryLaw(scenario)) : (false, null));
        foreach (string line in CorpusReplay.Lines(_corpus, "foliocheck replay " + SystemChoice.Option(_options.System)))
            Say(line);
    }

    private Rows MakeRows(RunRecord run, Campaign campaign, TimeSpan elapsed)
    {
        Rows rows = CampaignRows.Of(run, campaign.Figures);
        AddCoverage(rows, campaign);
        if (_shrinking is not null)
            ShrinkRows.Add(rows, _shrinking);
        if (_options.Corpus is not null)
            CorpusReplay.AddRows(rows, _corpus);
        rows.AddTimed("seconds", elapsed.TotalSeconds);
        rows.AddTimed("operations/s", campaign.Figures.Tally.Applied / Math.Max(0.001, elapsed.TotalSeconds));
        return rows;
    }

    private string Progress(long cases) => _options.Campaign.ShardTarget == long.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"{cases} cases done")
        : string.Create(CultureInfo.InvariantCulture, $"{cases} of {_options.Campaign.ShardTarget} cases done");

    private string Command(long? cases, TimeSpan? time)
    {
        CampaignOptions campaign = _options.Campaign;
        string budget = time is TimeSpan span
            ? string.Create(CultureInfo.InvariantCulture, $"--time {span.TotalSeconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"--cases {cases ?? CampaignOptions.DefaultCases}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"foliocheck check {SystemChoice.Option(_options.System)}--seed {campaign.Seed} --machine {campaign.Machines.ToString().ToLowerInvariant()} {budget}{Part}{_options.CorpusOption}");
    }

    /// <summary>The options that are not said when they are the usual ones.</summary>
    private string Part =>
        string.Concat(_options.Campaign.Settings.Words.Select(word => " " + SettingsChoice.Option(word)))
        + (_options.Campaign.Law is int law ? $" --law {law}" : "") + (_options.Campaign.Guided ? "" : " --plain") + (_options.Campaign.Shard == Shard.Whole ? "" : $" --shard {_options.Campaign.Shard}");

    private CampaignResult WithProgress(Campaign campaign, Func<Action<long>, CampaignResult> run)
    {
        if (!_console.Profile.Capabilities.Interactive)
            return run(new PlainProgress(this, campaign).Report);
        CampaignResult? result = null;
        _console.Status().Spinner(Spinner.Known.Line).Start("checking", status =>
            result = run(cases => status.Status(ProgressText(campaign, cases))));
        return result!;
    }

    /// <summary>Rate and time left are those of this process, not of one that was killed.</summary>
    private string ProgressText(Campaign campaign, long cases)
    {
        Tally tally = campaign.Figures.Tally;
        double seconds = Math.Max(0.001, _clock.Elapsed.TotalSeconds);
        string left = _options.Campaign.Time is TimeSpan time
            ? Left(time - Elapsed)
            : Left(TimeSpan.FromSeconds(seconds / Math.Max(1, cases - _start.Cases) * (_options.Campaign.ShardTarget - cases)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{cases} cases, {tally.Applied} operations, {(tally.Applied - _start.Tally.Applied) / seconds:0} operations/s, features met {CampaignRows.FeaturesMet(campaign.Figures)}, {left} left");
    }

    private static string Left(TimeSpan left) => left <= TimeSpan.Zero ? "0:00" : left.ToString(left.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>A line now and then when nobody watches.</summary>
    private sealed class PlainProgress(CheckCommand command, Campaign campaign)
    {
        private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
        private TimeSpan _next = Every;

        public void Report(long cases)
        {
            if (command._clock.Elapsed < _next)
                return;
            _next = command._clock.Elapsed + Every;
            command.Say(command.ProgressText(campaign, cases));
        }
    }

    private FailedCase ReportFailure(CampaignResult result)
    {
        var shrinking = new Campaign(_system);
        int law = _system.Properties.OfType<Law>().TakeWhile(candidate => candidate.Title != result.Failure!.Check).Count();
        Say($"failed after {result.Cases} cases: {result.Failure!.Summary}");
        Failure? Try(Scenario scenario) => shrinking.RunCaseLike(result.Failure!, scenario, law);
        Scenario shrunk = result.Scenario!;
        if (_options.Shrinks)
        {
            Say("shrinking ...");
            int runs = result.Failure!.Field == ProgramFailure.TimeLimit ? ShrinkRunsAtTimeLimit : Shrinker.UsualBudget;
            _shrinking = Shrinker.Run(
                shrunk, result.Failure!,
                scenario => !_cancellation.IsCancellationRequested && _system.Operations.Includes(scenario) ? Try(scenario) : null, runs);
            shrunk = _shrinking.Scenario;
        }
        Failure failure = Try(shrunk) ?? result.Failure!;
        string report = FailureReport.Write(shrunk, failure, _system.Observed.IsComplete ? _system.Create : null).TrimEnd('\n');
        _reported = new ReportedFailure(failure, shrunk, report);
        Say("");
        Say(report);
        Save(shrunk, failure);
        return new FailedCase(result.FailedCase, failure.Summary, ScenarioText.Write(shrunk));
    }

    private void Save(Scenario shrunk, Failure failure)
    {
        string command = Command(_options.Campaign.Cases, _options.Campaign.Time);
        var saved = new SavedFailure(FailureKind.Of(_options.System, failure), shrunk, failure, _options.Campaign.Seed, command);
        Say(Corpus.Keep(_options.SaveTo, saved).Describe($"foliocheck replay {SystemChoice.Option(_options.System)}"));
    }

    /// <summary>What a run of the default size should have seen. Some outcomes need operations that a system may not have, so nothing is promised for those that lack some.</summary>
    private List<string> Missing(RunRecord run, Campaign campaign) => _system.Operations.IsComplete ? CampaignRows.Missing(run, campaign.Figures) : [];

    /// <summary>What was not looked at is said as plainly as what was.</summary>
    private void AddCoverage(Rows rows, Campaign campaign)
    {
        if (_options.System == SystemChoice.Implementation)
            return;
        rows.Add("operations drawn", string.Join(", ", _system.Operations.Kinds));
        rows.Add("operations not drawn", List(_system.Operations.LeftOut));
        rows.Add("orders", string.Join(", ", _system.Operations.Orders));
        rows.Add("outcomes never seen", List(campaign.Figures.Tally.Missing(_system.Operations)));
        string observed = _system.Observed.Included.Any() ? ", " + ObservationSubset.Describe(_system.Observed.Included) : "";
        rows.Add("compared", "outcomes" + observed);
        rows.Add("not compared", ObservationSubset.Describe(_system.Observed.LeftOut));
        rows.Add("properties not judged", _system switch
        {
            { JudgesLaws: true } => "none",
            { JudgesSteps: true } => "laws: they use operations that are not drawn",
            _ => "all: they look at whole observations",
        });
    }

    private static string List(IEnumerable<string> names) => names.Any() ? string.Join(", ", names) : "none";

    private void Say(string text) => _console.Profile.Out.Writer.WriteLine(text);
}
