using System.Globalization;
using FolioCheck.Live;

namespace FolioCheck.Cli;

/// <summary><c>foliocheck record</c>: records transcripts on the running kernel.</summary>
public static class RecordCommand
{
    /// <summary>Records.</summary>
    /// <param name="folder">Where the files go.</param>
    /// <param name="seed">Seed: same seed, same scenarios.</param>
    /// <param name="count">Transcripts of each profile.</param>
    /// <param name="profiles">Names of profiles; none for all.</param>
    /// <param name="output">Where messages go.</param>
    /// <param name="cancellation">Ends the run after the transcript at hand.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(string folder, ulong seed, int count, IReadOnlyList<string> profiles, TextWriter output, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        return LiveThread.Run(fromOutside: false, output, kernel => Record(kernel, folder, seed, count, profiles, output, cancellation));
    }

    private static int Record(
        LiveKernel kernel, string folder, ulong seed, int count, IReadOnlyList<string> profiles, TextWriter output, CancellationToken cancellation)
    {
        if (kernel.Features[0].Missing is string missing)
        {
            output.WriteLine("transcripts are recorded from inside: " + missing);
            return ExitCode.Unavailable;
        }
        var recorder = new Recorder(kernel);
        int files = 0;
        int operations = 0;
        int unsteady = 0;
        foreach (RecordingProfile profile in RecordingProfile.All.Where(profile => profiles.Count == 0 || profiles.Contains(profile.Name)))
        {
            for (int number = 1; number <= count && !cancellation.IsCancellationRequested; number++)
            {
                if (recorder.Record(profile, seed, number, folder) is not (string path, int recorded))
                {
                    unsteady++;
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{profile.Name}-{number}: no two runs in a row were the same; nothing written"));
                    continue;
                }
                files++;
                operations += recorded;
            }
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"recorded {operations} operations in {files} files; {unsteady} left out"));
        return unsteady == 0 && !cancellation.IsCancellationRequested ? ExitCode.Held : ExitCode.Inconclusive;
    }
}
