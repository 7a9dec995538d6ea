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
    public static bool Run(Action work, TimeSpan limit)
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
        if (!thread.Join(limit))
            return false;
        if (thrown is not null)
            ExceptionDispatchInfo.Throw(thrown);
        return true;
    }
}
