using System.Globalization;
using FolioCheck.Mutation;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>The failure that a run found, as it was reported.</summary>
/// <param name="Failure">How the shrunk scenario fails.</param>
/// <param name="Scenario">The shrunk scenario.</param>
/// <param name="Text">The report.</param>
public sealed record ReportedFailure(Failure Failure, Scenario Scenario, string Text);

/// <summary>What became of one thing that a run checks.</summary>
/// <param name="Group">canary, lockstep, determinism, property, corpus or coverage.</param>
/// <param name="Name">What is checked.</param>
public sealed record CheckVerdict(string Group, string Name)
{
    private const string NotTold = "the system does not tell its micro-steps";

    /// <summary>How often it really said something; null where that is not counted.</summary>
    public long? Premise { get; init; }

    /// <summary>What is wrong, in one line; null if it held or was not judged.</summary>
    public string? Wrong { get; init; }

    /// <summary>What is wrong, in full.</summary>
    public string Report { get; init; } = "";

    /// <summary>Why it was not judged; null if it was.</summary>
    public string? NotJudged { get; init; }

    /// <summary>The verdicts of a run: lockstep, every property of the catalogue, every file of the corpus, and whether enough was seen.</summary>
    internal static IReadOnlyList<CheckVerdict> Of(
        SystemUnderTest system, Campaign campaign, CanaryResult? canary, ReportedFailure? reported, IReadOnlyList<CorpusVerdict> corpus,
        IReadOnlyList<string> missing)
    {
        var premises = campaign.Premises.ToDictionary(pair => pair.Property.Number, pair => pair.Held);
        return
        [
            OfCanary(canary),
            Judge(new CheckVerdict("lockstep", "the reference agrees with abstract memory") { Premise = campaign.Figures.Tally.Applied }, "abstract memory", reported),
            Judge(new CheckVerdict("lockstep", "the system agrees with the reference") { Premise = campaign.Figures.Tally.Applied }, "lockstep", reported),
            Judge(new CheckVerdict("determinism", "the system shows the same a second time") { Premise = campaign.Figures.Repeated }, CaseRunner.Determinism, reported),
            OfMicroSteps(system, campaign, reported),
            .. Catalogue.All.Select(property => OfProperty(property, premises, reported)),
            .. corpus.Select(OfCorpus),
            Coverage(missing, promises: system.Operations.IsComplete && reported is null),
        ];
    }

    private static CheckVerdict OfCanary(CanaryResult? canary)
    {
        string? missed = canary is { Caught: false } ? canary.Text : null;
        return new CheckVerdict("canary", "a planted bug is caught")
        {
            Wrong = missed,
            Report = missed ?? "",
            NotJudged = canary is null ? "it was left out" : null,
        };
    }

    private static CheckVerdict OfMicroSteps(SystemUnderTest system, Campaign campaign, ReportedFailure? reported)
    {
        var verdict = new CheckVerdict("lockstep", "the system takes the reference's micro-steps");
        return system.JudgesMicroSteps
            ? Judge(verdict with { Premise = campaign.Figures.Traced }, TraceRun.MicroSteps, reported)
            : verdict with { NotJudged = NotTold };
    }

    private static CheckVerdict OfProperty(Property property, Dictionary<int, long> premises, ReportedFailure? reported)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"property {property.Number}, {property.Name}");
        var verdict = new CheckVerdict("property", name);
        if (premises.TryGetValue(property.Number, out long held))
            return Judge(verdict with { Premise = held }, property.Title, reported);
        return verdict with { NotJudged = property is EventProperty ? NotTold : "the system does not show, or cannot do, enough for it" };
    }

    private static CheckVerdict Judge(CheckVerdict verdict, string check, ReportedFailure? reported) =>
        reported?.Failure.Check == check ? verdict with { Wrong = reported.Failure.Summary, Report = reported.Text } : verdict;

    /// <summary>The verdicts of a run on the kernel, which shows no observations that properties could be judged on.</summary>
    internal static IReadOnlyList<CheckVerdict> OfKernel(Tally tally, ReportedFailure? reported, IReadOnlyList<CorpusVerdict> corpus, IReadOnlyList<string> missing) =>
    [
        Judge(new CheckVerdict("lockstep", "the kernel agrees with the reference") { Premise = tally.Applied }, reported?.Failure.Check ?? "", reported),
        .. corpus.Select(OfCorpus),
        Coverage(missing, promises: reported is null),
    ];

    private static CheckVerdict Coverage(IReadOnlyList<string> missing, bool promises)
    {
        string? unseen = missing.Count == 0 ? null : "inconclusive, never seen: " + string.Join("; ", missing);
        return new CheckVerdict("coverage", "everything that was promised was seen")
        {
            Wrong = unseen,
            Report = unseen ?? "",
            NotJudged = promises ? null : "a run that fails, or whose system cannot do everything, promises nothing",
        };
    }

    private static CheckVerdict OfCorpus(CorpusVerdict verdict) => new("corpus", Path.GetFileName(verdict.Entry.Path))
    {
        Wrong = verdict.Failure?.Summary,
        Report = verdict.Failure is null ? "" : ScenarioText.Write(verdict.Entry.File.Scenario) + verdict.Failure.Summary,
        NotJudged = verdict.Run ? null : "the system cannot do what it asks for",
    };
}

/// <summary>A run of <c>check</c> for those who were not there.</summary>
/// <param name="Command">The command that repeats it.</param>
/// <param name="Code">Its <see cref="ExitCode"/>.</param>
/// <param name="System">What was checked.</param>
/// <param name="Rows">What was counted.</param>
/// <param name="Verdicts">What held and what did not.</param>
/// <param name="Failure">What failed in it; null if nothing that was drawn did.</param>
internal sealed record CheckSummary(
    string Command, int Code, string System, Rows Rows, IReadOnlyList<CheckVerdict> Verdicts, ReportedFailure? Failure)
{
    /// <summary>Writes the files that were asked for, and says which could not be written.</summary>
    /// <param name="options">Which files.</param>
    /// <param name="json">The report as JSON.</param>
    /// <param name="say">Told what could not be written.</param>
    /// <returns>The exit code: that a file could not be written comes after everything graver.</returns>
    public int WriteFiles(CheckOptions options, Func<string> json, Action<string> say)
    {
        int code = Code;
        foreach ((string? path, Func<string> text) in new (string?, Func<string>)[]
        {
            (options.Json, json), (options.Junit, () => JunitReport.Write(this)), (options.Markdown, () => MarkdownReport.Write(this)),
        })
        {
            if (path is null || AtomicFile.TryWrite(path, text()) is not string reason)
                continue;
            say($"{path}: {reason}");
            code = code == ExitCode.Held ? ExitCode.CannotWrite : code;
        }
        return code;
    }
}
