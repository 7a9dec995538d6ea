using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>
/// Keeps khugepaged asleep during a run: it would collapse memory behind our back. A long sleep is not enough. With nothing to scan it waits for the first
/// MADV_HUGEPAGE, and scans then; and it is stopped and started, and scans then too, as the last PMD size is turned off and on. So this process registers
/// memory of its own, which stays there, and a PMD size of shared memory is on (for those who ask for it with MADV_HUGEPAGE) for as long as the run lasts.
/// </summary>
internal static unsafe class Khugepaged
{
    private const string Folder = ThpFiles.Root + "/khugepaged/";
    /// <summary>How many pages full of zeroes make a folio underused.</summary>
    public const string MaxPtesNone = Folder + "max_ptes_none";

    private const string Sleep = Folder + "scan_sleep_millisecs";
    private const string Sharing = ThpFiles.Root + "/hugepages-2048kB/shmem_enabled";
    private const string SixWeeks = "4000000000";

    /// <summary>Settings that are changed here.</summary>
    public static IReadOnlyList<string> Touched { get; } = [Sharing, MaxPtesNone, Folder + "max_ptes_shared", Sleep];

    /// <summary>Puts it to sleep and waits until it sleeps.</summary>
    /// <exception cref="LiveException">It does not.</exception>
    public static void PutToSleep()
    {
        if (!File.Exists(Sleep))
            return;
        KernelSettings.Change(MaxPtesNone, "511");
        KernelSettings.Change(Folder + "max_ptes_shared", "256");
        KernelSettings.Change(Sharing, "advise");
        _ = ThpFiles.Write(Machine.LargestPmdOrder, ThpMode.Madvise);
        Register();
        _ = ThpFiles.Write(Machine.LargestPmdOrder, ThpMode.Never);
        // Whatever it slept before ends with this: it scans once, and then sleeps for as long as is written.
        File.WriteAllText(Sleep, SixWeeks);
        WaitUntilAsleep();
    }

    /// <summary>Memory of this process that is never unmapped.</summary>
    private static void Register()
    {
        const nuint Bytes = 8 << 20;
        void* memory = Libc.mmap(null, Bytes, Libc.ReadWrite, Libc.PrivateAnonymous, -1, 0);
        if (Libc.madvise(memory, Bytes, AgentOperations.Number(Advice.HugePage)) != 0)
            throw new LiveException("MADV_HUGEPAGE: " + Libc.LastError);
    }

    private static void WaitUntilAsleep()
    {
        const int Looks = 500;
        const int Enough = 5;
        int asleep = 0;
        for (int look = 0; look < Looks && asleep < Enough; look++)
        {
            Thread.Sleep(10);
            asleep = IsAsleep() ? asleep + 1 : 0;
        }
        if (asleep < Enough)
            throw new LiveException("khugepaged does not go to sleep");
    }

    private static bool IsAsleep()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                continue;
            try
            {
                string text = File.ReadAllText(Path.Combine(folder, "stat"));
                if (text.Contains("(khugepaged) ", StringComparison.Ordinal))
                    return text.Contains("(khugepaged) S", StringComparison.Ordinal) || text.Contains("(khugepaged) I", StringComparison.Ordinal);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The process has ended meanwhile.
            }
        }
        return false;
    }
}
