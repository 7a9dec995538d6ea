namespace FolioCheck.MutationSuite;

/// <summary>How a suite ended.</summary>
public enum TrialEnd
{
    /// <summary>A link failed, or threw.</summary>
    Failed,

    /// <summary>A link did not end.</summary>
    Endless,

    /// <summary>All links held.</summary>
    Held,
}

/// <summary>A suite run to its first failure, on a thread of its own, since a mutant may loop.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Failure">What failed; empty if nothing did.</param>
public sealed record Trial(TrialEnd End, string Failure)
{
    /// <summary>No link takes a tenth of this on an idle machine.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>Whether the thread of an endless link ended all the same; if not, it takes a processor until its process ends.</summary>
    public bool Stopped { get; private init; } = true;

    /// <summary>Runs the links of a suite.</summary>
    /// <param name="links">The links.</param>
    /// <param name="sound">Takes the mutant away: most loops that it made endless end then.</param>
    public static Trial Run(IEnumerable<string?> links, Action? sound = null)
    {
        long done = 0;
        string failure = "";
        bool stop = false;
        var thread = new Thread(() => failure = FirstFailure(links.TakeWhile(_ => !Volatile.Read(ref stop)), ref done)) { IsBackground = true };
        thread.Start();
        for (long seen = -1; !thread.Join(_patience); seen = Interlocked.Read(ref done))
        {
            if (Interlocked.Read(ref done) != seen)
                continue;
            sound?.Invoke();
            stop = true;
            return new Trial(TrialEnd.Endless, $"link {seen + 1} does not end") { Stopped = thread.Join(_patience) };
        }
        return new Trial(failure.Length == 0 ? TrialEnd.Held : TrialEnd.Failed, failure);
    }

    private static string FirstFailure(IEnumerable<string?> links, ref long done)
    {
        try
        {
            foreach (string? failure in links)
            {
                if (failure is not null)
                    return failure;
                Interlocked.Increment(ref done);
            }
            return "";
        }
        catch (Exception exception)
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }
}
