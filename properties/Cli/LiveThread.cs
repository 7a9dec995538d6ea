using FolioCheck.Live;

namespace FolioCheck.Cli;

/// <summary>Runs something on the live kernel, in a thread of its own: the agents are its children, and it is bound to their CPU.</summary>
internal static class LiveThread
{
    /// <summary>Takes the kernel, runs, and gives it back.</summary>
    /// <returns>What was run returned; <see cref="ExitCode.Unavailable"/> where the kernel cannot be used.</returns>
    public static int Run(bool fromOutside, TextWriter output, Func<LiveKernel, int> run)
    {
        int code = ExitCode.Unavailable;
        Exception? unexpected = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var kernel = new LiveKernel(fromOutside);
                code = run(kernel);
            }
            catch (LiveException exception)
            {
                output.WriteLine("the live kernel cannot be used: " + exception.Message);
            }
            catch (Exception exception)
            {
                unexpected = exception;
            }
        });
        thread.Start();
        thread.Join();
        return unexpected is null ? code : throw new InvalidOperationException(unexpected.ToString(), unexpected);
    }
}
