using System.Runtime.ExceptionServices;

namespace FolioCheck.Mutation;

/// <summary>Runs work that may never end, because a planted bug made a loop endless.</summary>
public static class TimeLimit
{
    /// <summary>
    /// Runs work on a thread of its own. A thread cannot be stopped from outside: one that is late is left behind, and ends with the process.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="limit">How long to wait for it.</param>
    /// <returns>False if the work did not end in time. What it throws is thrown here.</returns>
    public static bool Run(Action work, TimeSpan limit) => Run(work, limit, () => 0);

    /// <summary>Runs work on a thread of its own, for as long as it gets on.</summary>
    /// <param name="work">The work.</param>
    /// <param name="limit">How long to wait for the next sign of progress.</param>
    /// <param name="progress">Changes when the work gets on.</param>
    /// <returns>False if the work did not get on in time. What it throws is thrown here.</returns>
    public static bool Run(Action work, TimeSpan limit, Func<long> progress)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
        })
        {
            IsBackground = true,
            Name = "bug hunt",
        };
        thread.Start();
        long seen;
        do
        {
            seen = progress();
            if (thread.Join(limit))
            {
                if (thrown is not null)
                    ExceptionDispatchInfo.Throw(thrown);
                return true;
            }
        }
        while (progress() != seen);
        return false;
    }
}
