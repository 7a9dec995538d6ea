using System.Globalization;
using FolioCheck.Kernel;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>
/// Records transcripts on the live kernel. Each scenario is run until two runs in a row show the same: what differs from run to run is somebody else's on
/// the machine, and no model could be held against it.
/// </summary>
public sealed class Recorder(LiveKernel kernel)
{
    private const int Tries = 8;

    /// <summary>Records a scenario of a profile.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="number">Number of the transcript, from 1; with the seed it decides the scenario.</param>
    /// <param name="folder">Where the file goes.</param>
    /// <returns>The file and its operations; null where no two runs in a row were the same.</returns>
    public (string Path, int Operations)? Record(RecordingProfile profile, ulong seed, int number, string folder)
    {
        Scenario scenario = profile.Draw(seed, number, kernel.Scope);
        List<TranscriptRecord> records = Run(scenario);
        for (int i = 1; i < Tries; i++)
        {
            List<TranscriptRecord> before = records;
            records = Run(scenario);
            if (!AreSame(before, records) || (kernel.HugeZeroPageIsThere && ShowHugeZeroPage(records)))
                continue;
            string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{profile.Name}-{number}.jsonl.gz"));
            TranscriptWriter.Write(path, Header(profile, seed, number, scenario.Machine, records.Count), records, kernel.Profile);
            return (path, records.Count);
        }
        return null;
    }

    private List<TranscriptRecord> Run(Scenario scenario)
    {
        var records = new List<TranscriptRecord>();
        kernel.Begin(scenario.Machine);
        foreach (Operation operation in scenario.Operations)
        {
            TranscriptRecord record = kernel.Apply(operation);
            // Nobody was there to make the call; nothing happened.
            if (record.Outcome.Kind != RecordedOutcomeKind.NotOfAKernel)
                records.Add(record with { Index = records.Count, Line = records.Count + 2 });
        }
        kernel.End();
        return records;
    }

    private static bool ShowHugeZeroPage(List<TranscriptRecord> records) => records.Exists(
        record => record.State.Processes.Any(process => process.Vmas.Any(vma => vma.Runs.Any(run => run.Kind == 'Z' && run.Flags.Contains('P', StringComparison.Ordinal)))));

    private bool AreSame(List<TranscriptRecord> left, List<TranscriptRecord> right)
    {
        var comparison = new RecordComparison(kernel.Profile);
        foreach ((TranscriptRecord first, TranscriptRecord second) in left.Zip(right))
            comparison.Compare(first, second.Outcome, second.Deltas, second.State);
        return left.Count == right.Count && comparison.Differences.Count == 0;
    }

    private TranscriptHeader Header(RecordingProfile profile, ulong seed, int number, Machine machine, int operations) => new()
    {
        Profile = profile.Name,
        Seed = (long)(seed * 1000) + number,
        Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Arena = string.Create(CultureInfo.InvariantCulture, $"0x{Arena.Base:x}"),
        DrawnOperations = operations,
        Settings = new TranscriptSettings
        {
            Anon = ThpFiles.Orders.Where(order => machine.Thp[order] != ThpMode.Never).ToDictionary(TranscriptMachine.Kilobytes, order => machine.Thp[order]),
            Shmem = new Dictionary<int, string>(),
            Global = machine.Thp.Global,
            HugeZeroPage = KernelSettings.Read(ThpFiles.Root + "/use_zero_page") == "1",
        },
        Khugepaged = "asleep: memory of the recorder is registered, scan_sleep_millisecs is 4000000000",
        Cpu = kernel.Cpu,
    };
}
