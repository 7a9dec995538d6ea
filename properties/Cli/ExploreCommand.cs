using System.Diagnostics;
using System.Globalization;
using FolioCheck.Implementation;
using FolioCheck.Mutation;
using FolioCheck.Properties;
using FolioCheck.Reference;

namespace FolioCheck.Cli;

/// <summary>What <c>explore</c> was asked for.</summary>
/// <param name="World">The small world.</param>
/// <param name="Depth">Most operations after its start.</param>
/// <param name="Workers">Threads.</param>
/// <param name="Bug">A planted bug to explore; null for the sound implementation.</param>
/// <param name="Checkpoint">File for the progress; null for none.</param>
/// <param name="Resumes">Whether to go on from that file.</param>
/// <param name="SaveTo">Folder for a failing scenario.</param>
/// <param name="Json">File for the rows as JSON; null for none.</param>
public sealed record ExploreCommandOptions(
    SmallWorld World, int Depth, int Workers, string? Bug, string? Checkpoint, bool Resumes, string SaveTo, string? Json);

/// <summary><c>foliocheck explore</c>: searches a small world to its end.</summary>
public sealed class ExploreCommand
{
    private static readonly TimeSpan _betweenCheckpoints = TimeSpan.FromSeconds(30);

    private readonly ExploreCommandOptions _options;
    private readonly TextWriter _output;
    private readonly CancellationToken _cancellation;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _nextCheckpoint = _betweenCheckpoints;
    private Exploration _exploration = new();
    private int _printed = -1;
    private string? _notWritten;

    private ExploreCommand(ExploreCommandOptions options, TextWriter output, CancellationToken cancellation)
    {
        _options = options;
        _output = output;
        _cancellation = cancellation;
    }

    /// <summary>Runs the command.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="output">Where output goes.</param>
    /// <param name="errors">Where messages go.</param>
    /// <param name="cancellation">Ends the search early, with a checkpoint if one was asked for.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(ExploreCommandOptions options, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        PlantedBug? planted = options.Bug is null ? null : PlantedBugs.Find(options.Bug);
        if (options.Bug is not null && planted is null)
        {
            errors.WriteLine($"foliocheck: there is no planted bug '{options.Bug}'");
            return ExitCode.Usage;
        }
        using CompiledBug? bug = planted?.Compile();
        try
        {
            return new ExploreCommand(options, output, cancellation).Run(bug is null ? HuntedSystem.Sound : HuntedSystem.Of(bug));
        }
        catch (BadInputException exception)
        {
            errors.WriteLine(exception.Message);
            return ExitCode.BadInput;
        }
    }

    private string Command => string.Create(
        CultureInfo.InvariantCulture,
        $"foliocheck explore --world {_options.World.Name} --depth {_options.Depth}{(_options.Bug is null ? "" : " --bug " + _options.Bug)}");

    /// <summary>What a checkpoint is of: the same world, and the same builds of all that takes part.</summary>
    private string Subject => string.Join(
        '\n', _options.World.Description, _options.Bug,
        typeof(OptimizedMemory).Module.ModuleVersionId, typeof(ReferenceMemory).Module.ModuleVersionId, typeof(Explorer).Module.ModuleVersionId);

    private int Run(HuntedSystem system)
    {
        Say(Command);
        if (_options.Resumes)
            _exploration = Resume(_options.Checkpoint!);
        var explored = new ExploredSystem(system.Tested) { Reference = system.Reference, Ignored = ImplementationState.Ignored };
        var explorer = new Explorer(_options.World, explored, new ExploreOptions(_options.Depth, _options.Workers));
        ShortestFailure? failure = explorer.Run(_exploration, Pause);
        PrintDepths();
        int code = failure is null ? ExitCode.Held : Report(failure, system);
        if (code == ExitCode.Held && _cancellation.IsCancellationRequested && _exploration.Depth < _options.Depth)
        {
            Say("inconclusive: stopped early");
            code = ExitCode.Inconclusive;
        }
        Rows rows = MakeRows(failure);
        Say(rows.ToString().TrimEnd('\n'));
        if (_options.Json is string json)
            _notWritten ??= AtomicFile.TryWrite(json, rows.ToJson()) is string reason ? $"{json}: {reason}" : null;
        if (_notWritten is not null)
        {
            Say(_notWritten);
            code = code == ExitCode.Failed ? code : ExitCode.CannotWrite;
        }
        Say("repeat: " + Command);
        return code;
    }

    /// <summary>Called after each block of states. Only a checkpoint looks at the clock.</summary>
    private bool Pause()
    {
        PrintDepths();
        bool stops = _cancellation.IsCancellationRequested;
        bool ends = _exploration.Depth == _options.Depth;
        if (_options.Checkpoint is not string path || !(stops || ends || _clock.Elapsed >= _nextCheckpoint))
            return stops;
        if (AtomicFile.TryWrite(path, ExplorationFile.Write(_exploration, Subject)) is string reason)
            _notWritten = $"{path}: {reason}";
        _nextCheckpoint = _clock.Elapsed + _betweenCheckpoints;
        return stops || _notWritten is not null;
    }

    private Exploration Resume(string path)
    {
        try
        {
            return ExplorationFile.Read(path, File.ReadAllBytes(path), Subject);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(path, 0, exception.Message);
        }
    }

    private void PrintDepths()
    {
        while (_printed < _exploration.Depth)
        {
            ExploredDepth depth = _exploration.Depths[++_printed];
            Say(string.Create(CultureInfo.InvariantCulture, $"depth {depth.Depth}: states {depth.States}, transitions {depth.Transitions}"));
        }
    }

    private int Report(ShortestFailure found, HuntedSystem system)
    {
        Say("");
        Say(FailureReport.Write(found.Scenario, found.Failure, system.Tested).TrimEnd('\n'));
        string path = Path.Combine(_options.SaveTo, $"foliocheck-explore-{_options.World.Name}.scenario");
        string? reason = AtomicFile.TryWrite(path, ScenarioText.Write(found.Scenario, found.Failure.Summary, Command));
        Say(reason is null ? $"saved: {path}" : $"{path} could not be written: {reason}");
        return ExitCode.Failed;
    }

    private Rows MakeRows(ShortestFailure? failure)
    {
        var rows = new Rows();
        rows.Add("world", _options.World.Name);
        rows.Add("alphabet", _options.World.Alphabet.Count);
        rows.Add("depth finished", _exploration.Depth);
        rows.Add("states", _exploration.Reached.Count);
        rows.Add("transitions", _exploration.Depths.Sum(depth => depth.Transitions) + _exploration.Transitions);
        rows.Add("divergences", failure is null ? 0 : 1);
        if (failure is not null)
            rows.Add("shortest", failure.Scenario.Operations.Count - _options.World.Start.Count);
        rows.AddTimed("seconds", _clock.Elapsed.TotalSeconds);
        rows.AddTimed("memory, MB", Environment.WorkingSet >> 20);
        return rows;
    }

    private void Say(string text)
    {
        _output.WriteLine(text);
        _output.Flush();
    }
}
