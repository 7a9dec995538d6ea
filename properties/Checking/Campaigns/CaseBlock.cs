namespace FolioCheck.Properties;

/// <summary>Some cases that are run together, by as many workers as there are. A failure is that of the first case that fails, and the figures end with it.</summary>
internal sealed class CaseBlock
{
    private readonly SystemUnderTest _system;
    private readonly IReadOnlyList<Scenario> _cases;
    private readonly long _first;
    private readonly Failure?[] _failures;
    private readonly int[][] _firstSteps;
    private readonly Lock _lock = new();
    private int _next = -1;
    private volatile int _failedAt;

    /// <summary>A block.</summary>
    /// <param name="system">The system.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="first">Number of the first of them in the campaign.</param>
    public CaseBlock(SystemUnderTest system, IReadOnlyList<Scenario> cases, long first)
    {
        _system = system;
        _cases = cases;
        _first = first;
        _failures = new Failure?[cases.Count];
        _firstSteps = new int[cases.Count][];
        _failedAt = cases.Count;
    }

    /// <summary>What was done.</summary>
    public Figures Figures { get; private set; } = new();

    /// <summary>The failure of the first case that failed; null if all held.</summary>
    public Failure? Failure => _failedAt < _cases.Count ? _failures[_failedAt] : null;

    /// <summary>The first case that failed.</summary>
    public Scenario? FailingScenario => _failedAt < _cases.Count ? _cases[_failedAt] : null;

    /// <summary>Its place in the block.</summary>
    public int FailedAt => _failedAt;

    /// <summary>Runs the cases, each to its end.</summary>
    /// <returns>False if it was cancelled before.</returns>
    public bool Run(int workers, CancellationToken cancellation)
    {
        if (workers <= 1)
            Work(cancellation);
        else
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ => Work(cancellation));
        if (Failure is not null && workers > 1)
            CountUpToFailure();
        return Failure is not null || !cancellation.IsCancellationRequested;
    }

    /// <summary>Tells the guide what the cases met, in their order.</summary>
    public void Teach(Guide guide)
    {
        for (int i = 0; i < _cases.Count; i++)
            guide.Learn(_cases[i], _firstSteps[i]);
        guide.EndBlock();
    }

    private void Work(CancellationToken cancellation)
    {
        var runner = new CaseRunner(_system);
        while (!cancellation.IsCancellationRequested)
        {
            int i = Interlocked.Increment(ref _next);
            if (i >= _cases.Count || i > _failedAt)
                break;
            _failures[i] = RunCase(runner, i);
            _firstSteps[i] = runner.FirstSteps.ToArray();
            if (_failures[i] is not null)
                NoteFailure(i);
        }
        lock (_lock)
            Figures.Add(runner.Figures());
    }

    private Failure? RunCase(CaseRunner runner, int index) => runner.RunAsNumbered(_cases[index], _first + index);

    private void NoteFailure(int index)
    {
        lock (_lock)
            _failedAt = Math.Min(_failedAt, index);
    }

    /// <summary>Workers may have gone on with later cases: the figures are counted again, as if one worker had stopped at the failure.</summary>
    private void CountUpToFailure()
    {
        var runner = new CaseRunner(_system);
        for (int i = 0; i <= _failedAt; i++)
            RunCase(runner, i);
        Figures = runner.Figures();
    }
}
