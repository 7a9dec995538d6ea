using System.Text;

namespace FolioCheck.Live;

/// <summary>
/// The machine's settings that a run changes. They are saved to disk before the first is touched and put back at the end; the file that says what
/// to put back goes away last, so that a run that was killed is cleaned up after by the next one.
/// </summary>
internal sealed class KernelSettings : IDisposable
{
    private readonly string _saved = Path.Combine(StateFolder.Create(), "settings-to-restore");
    private readonly Lock _restoring = new();

    /// <summary>Puts back what a killed run left, and saves everything.</summary>
    public KernelSettings()
    {
        Restore();
        var text = new StringBuilder();
        foreach (string path in Touched())
            text.Append(path).Append(' ').Append(Read(path)).Append('\n');
        Write(_saved, text.ToString());
    }

    /// <summary>What is touched. khugepaged's sleep comes last: as it is put back khugepaged scans, under settings that are put back already.</summary>
    public static IEnumerable<string> Touched()
    {
        string[] single = [ThpFiles.Global, ThpFiles.ZeroPage, ThpFiles.Underused, ThpFiles.Root + "/defrag", "/proc/sys/vm/compaction_proactiveness", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/numa_balancing"];
        return single.Concat(ThpFiles.Orders.Select(ThpFiles.Of)).Concat(Khugepaged.Touched).Where(File.Exists);
    }

    /// <summary>The present value of a setting; of one that lists what it may be, the one in brackets.</summary>
    public static string Read(string path)
    {
        string text = File.ReadAllText(path).Trim();
        int open = text.IndexOf('[', StringComparison.Ordinal);
        return open < 0 ? text : text[(open + 1)..text.IndexOf(']', StringComparison.Ordinal)];
    }

    /// <summary>Sets what every scenario needs: nothing moves pages behind our back, and no large folio that the scenario did not ask for.</summary>
    public static void Quieten()
    {
        Change("/proc/sys/vm/compaction_proactiveness", "0");
        Change("/proc/sys/vm/overcommit_memory", "0");
        Change("/proc/sys/kernel/numa_balancing", "0");
        Change(ThpFiles.Root + "/defrag", "madvise");
        Change(ThpFiles.Underused, "1");
        foreach (int order in ThpFiles.Orders)
            Change(ThpFiles.Of(order), "never");
        Khugepaged.PutToSleep();
    }

    /// <summary>Puts everything back. May be called at any time, more than once, from any thread.</summary>
    public void Restore()
    {
        lock (_restoring)
        {
            if (!File.Exists(_saved))
                return;
            foreach (string line in File.ReadAllLines(_saved))
            {
                int blank = line.IndexOf(' ', StringComparison.Ordinal);
                if (blank > 0)
                    Change(line[..blank], line[(blank + 1)..]);
            }
            File.Delete(_saved);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Restore();

    /// <summary>Writes a setting if it is there and has another value.</summary>
    public static void Change(string path, string value)
    {
        if (File.Exists(path) && Read(path) != value)
            File.WriteAllText(path, value);
    }

    private static void Write(string path, string text)
    {
        string unfinished = path + ".new";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
    }
}
