using System.Globalization;
using FolioCheck.Kernel;
using FolioCheck.Properties;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>The settings of transparent huge pages in sysfs.</summary>
internal static class ThpFiles
{
    public const string Root = "/sys/kernel/mm/transparent_hugepage";

    /// <summary>The global setting.</summary>
    public const string Global = Root + "/enabled";

    /// <summary>Whether a load where a PMD may be mapped maps the huge zero page.</summary>
    public const string ZeroPage = Root + "/use_zero_page";

    /// <summary>Whether folios of the PMD order are on the deferred-split queue from the beginning.</summary>
    public const string Underused = Root + "/shrink_underused";

    /// <summary>Orders that have a setting for anonymous memory, ascending.</summary>
    public static IReadOnlyList<int> Orders { get; } =
        [.. Enumerable.Range(0, Machine.LargestPmdOrder + 1).Where(order => File.Exists(Of(order)))];

    /// <summary>The setting of an order.</summary>
    public static string Of(int order) => order == Operation.GlobalOrder
        ? Global
        : string.Create(CultureInfo.InvariantCulture, $"{Root}/hugepages-{TranscriptMachine.Kilobytes(order)}kB/enabled");

    /// <summary>Writes a setting.</summary>
    /// <returns>0, or the error number.</returns>
    public static unsafe int Write(int order, ThpMode mode)
    {
        int file = Libc.open(Of(order), Libc.OpenWrite);
        if (file < 0)
            return System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        byte[] text = System.Text.Encoding.ASCII.GetBytes(OperationText.NameOf(mode));
        int error = 0;
        fixed (byte* bytes = text)
        {
            if (Libc.pwrite(file, bytes, (nuint)text.Length, 0) < 0)
                error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        }
        Libc.close(file);
        return error;
    }
}
