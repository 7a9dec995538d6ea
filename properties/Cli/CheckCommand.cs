using System.Diagnostics;
using System.Globalization;
using FolioCheck.Exec;
using FolioCheck.Properties;
using Spectre.Console;

namespace FolioCheck.Cli;

/// <summary>What <c>check</c> was asked for.</summary>
/// <param name="Campaign">Seed, machines, cases or time.</param>
/// <param name="Json">File for the rows as JSON; null for none.</param>
/// <param name="SaveTo">Folder for failing scenarios.</param>
/// <param name="System">What <c>--system</c> says.</param>
public sealed record CheckOptions(CampaignOptions Campaign, string? Json, string SaveTo, string System = SystemChoice.Implementation);

/// <summary><c>foliocheck check</c>: holds a system against the reference on random scenarios.</summary>
public sealed class CheckCommand
{
    /// <summary>Least times that each premise must hold in a run of the default size.</summary>
    public const long LeastPremise = 100;

    /// <summary>Runs that a failure is shrunk by at most when each that fails takes as long as the program is given.</summary>
    private const int ShrinkRunsAtTimeLimit = 40;

    private const int ShrinkRuns = 5000;

    private readonly SystemUnderTest _system;
    private readonly IAnsiConsole _console;
    private readonly CheckOptions _options;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private CheckCommand(CheckOptions options, SystemUnderTest system, IAnsiConsole console)
    {
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
        new CheckCommand(options, system, console).Run(cancellation);

    private int Run(CancellationToken cancellation)
    {
        Say(Command(_options.Campaign.Cases, _options.Campaign.Time));
        var campaign = new Campaign(_system);
        CampaignResult result = WithProgress(campaign, progress => campaign.Run(_options.Campaign, () => _clock.Elapsed, progress, cancellation));
        // Who stops a run at the terminal stops the program that is checked with it: that end is no fault of the program.
        if (cancellation.IsCancellationRequested && result.Failure?.Field == ProgramFailure.Ended)
            result = result with { Scenario = null, Failure = null };
        TimeSpan elapsed = _clock.Elapsed;
        int code = result.Failure is null ? ExitCode.Held : ReportFailure(result);

        List<string> missing = result.Failure is null && result.Cases >= CampaignOptions.DefaultCases ? Missing(campaign) : [];
        if (missing.Count > 0)
        {
            Say("inconclusive, never seen: " + string.Join("; ", missing));
            code = ExitCode.Inconclusive;
        }
        if (cancellation.IsCancellationRequested && code == ExitCode.Held)
        {
            Say("inconclusive: stopped early");
            code = ExitCode.Inconclusive;
        }
        Rows rows = MakeRows(campaign, result, elapsed);
        Say("");
        Say(rows.ToString().TrimEnd('\n'));
        if (_options.Json is string json && AtomicFile.TryWrite(json, rows.ToJson()) is string reason)
        {
            Say($"{json}: {reason}");
            code = code == ExitCode.Held ? ExitCode.CannotWrite : code;
        }
        Say("repeat: " + Command(result.Failure is null ? result.Cases : _options.Campaign.Cases ?? result.Cases, null));
        return code;
    }

    private string Command(long? cases, TimeSpan? time)
    {
        CampaignOptions campaign = _options.Campaign;
        string budget = time is TimeSpan span
            ? string.Create(CultureInfo.InvariantCulture, $"--time {span.TotalSeconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"--cases {cases ?? CampaignOptions.DefaultCases}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"foliocheck check {SystemChoice.Option(_options.System)}--seed {campaign.Seed} --machine {campaign.Machines.ToString().ToLowerInvariant()} {budget}");
    }

    private CampaignResult WithProgress(Campaign campaign, Func<Action<long>, CampaignResult> run)
    {
        if (!_console.Profile.Capabilities.Interactive)
            return run(new PlainProgress(this, campaign).Report);
        CampaignResult? result = null;
        _console.Status().Spinner(Spinner.Known.Line).Start("checking", status =>
            result = run(cases => status.Status(ProgressText(campaign, cases))));
        return result!;
    }

    private string ProgressText(Campaign campaign, long cases)
    {
        Tally tally = campaign.Lockstep.Tally;
        double seconds = Math.Max(0.001, _clock.Elapsed.TotalSeconds);
        string left = _options.Campaign switch
        {
            { Time: TimeSpan time } => Left(time - _clock.Elapsed),
            { Cases: var goal } => Left(TimeSpan.FromSeconds(seconds / cases * ((goal ?? CampaignOptions.DefaultCases) - cases))),
        };
        return string.Create(
            CultureInfo.InvariantCulture, $"{cases} cases, {tally.Applied} operations, {tally.Applied / seconds:0} operations/s, {left} left");
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

    private int ReportFailure(CampaignResult result)
    {
        var shrinking = new Campaign(_system);
        int law = _system.Properties.OfType<Law>().TakeWhile(candidate => candidate.Title != result.Failure!.Check).Count();
        Say($"failed after {result.Cases} cases: {result.Failure!.Summary}");
        Say("shrinking ...");
        int runs = result.Failure!.Field == ProgramFailure.TimeLimit ? ShrinkRunsAtTimeLimit : ShrinkRuns;
        Scenario shrunk = Shrinker.Shrink(
            result.Scenario!, result.Failure!, scenario => _system.Operations.Includes(scenario) ? shrinking.RunCase(scenario, law) : null, runs);
        Failure failure = shrinking.RunCase(shrunk, law) ?? result.Failure!;
        Say("");
        Say(FailureReport.Write(shrunk, failure, _system.Observed.IsComplete ? _system.Create : null).TrimEnd('\n'));
        Save(shrunk, failure);
        return ExitCode.Failed;
    }

    private void Save(Scenario shrunk, Failure failure)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"foliocheck-{_options.Campaign.Seed}.scenario");
        string path = Path.Combine(_options.SaveTo, name);
        string text = ScenarioText.Write(shrunk, failure.Summary, Command(_options.Campaign.Cases, _options.Campaign.Time));
        string? reason = AtomicFile.TryWrite(path, text);
        Say(reason is null ? $"saved: {path}\nreplay: foliocheck replay {SystemChoice.Option(_options.System)}{path}" : $"{path} could not be written: {reason}");
    }

    /// <summary>What a run of the default size should have seen. Some outcomes need operations that a system may not have, so nothing is promised for those that lack some.</summary>
    private List<string> Missing(Campaign campaign)
    {
        if (!_system.Operations.IsComplete)
            return [];
        List<string> missing = [.. campaign.Lockstep.Tally.Missing()];
        foreach ((Property property, Premise premise) in campaign.Premises)
        {
            if (premise.Held < LeastPremise)
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"premise of property {property.Number} ({premise.Held} times)"));
        }
        Tally tally = campaign.Lockstep.Tally;
        if (tally.Effective * 100 < tally.Applied * 40)
            missing.Add("two operations in five that change something");
        return missing;
    }

    private Rows MakeRows(Campaign campaign, CampaignResult result, TimeSpan elapsed)
    {
        Tally tally = campaign.Lockstep.Tally;
        var rows = new Rows();
        rows.Add("seed", _options.Campaign.Seed);
        rows.Add("machine", _options.Campaign.Machines.ToString().ToLowerInvariant());
        rows.Add("cases", result.Cases);
        rows.Add("operations", tally.Effective);
        rows.Add("operations without effect", tally.Applied - tally.Effective);
        rows.Add("divergences", result.Failure is null ? 0 : 1);
        rows.Add("mean mapped PTEs", tally.MeanMappedPtes);
        foreach ((string name, Tally.KindTally kind) in tally.Kinds)
        {
            var counts = new SortedDictionary<string, long>(kind.Outcomes, StringComparer.Ordinal);
            rows.Add(name, new Dictionary<string, long>(
                [new("effective", kind.Effective), new("without effect", kind.WithoutEffect), .. counts]));
        }
        foreach ((Property property, Premise premise) in campaign.Premises)
            rows.Add(string.Create(CultureInfo.InvariantCulture, $"property {property.Number}, {property.Name}"), premise.Held);
        AddCoverage(rows, campaign);
        rows.AddTimed("seconds", elapsed.TotalSeconds);
        rows.AddTimed("operations/s", tally.Applied / Math.Max(0.001, elapsed.TotalSeconds));
        return rows;
    }

    /// <summary>What was not looked at is said as plainly as what was.</summary>
    private void AddCoverage(Rows rows, Campaign campaign)
    {
        if (_options.System == SystemChoice.Implementation)
            return;
        rows.Add("operations drawn", string.Join(", ", _system.Operations.Kinds));
        rows.Add("operations not drawn", List(_system.Operations.LeftOut));
        rows.Add("orders", string.Join(", ", _system.Operations.Orders));
        rows.Add("outcomes never seen", List(campaign.Lockstep.Tally.Missing(_system.Operations)));
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
