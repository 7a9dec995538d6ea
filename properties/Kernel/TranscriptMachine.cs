using System.Numerics;
using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>The machine that a transcript was recorded on, as far as the models know machines.</summary>
public static class TranscriptMachine
{
    private const int X86EntriesPerTable = 512;
    private const int EnoughFrames = 1 << 16;

    /// <summary>The machine of a header: tables of 512 and the recorded THP settings.</summary>
    public static Machine Of(TranscriptHeader header) => new()
    {
        EntriesPerTable = X86EntriesPerTable,
        Frames = EnoughFrames,
        Thp = Policy(header.Settings),
        UseZeroPage = header.Settings.HugeZeroPage,
    };

    /// <summary>log2 of the pages in a folio of a size in kB.</summary>
    public static int Order(int kilobytes) => BitOperations.Log2((uint)(kilobytes / TranscriptFormat.PageKilobytes));

    /// <summary>Size in kB of a folio of an order.</summary>
    public static int Kilobytes(int order) => TranscriptFormat.PageKilobytes << order;

    private static ThpPolicy Policy(TranscriptSettings settings)
    {
        ThpPolicy policy = ThpPolicy.Off.With(Operation.GlobalOrder, settings.Global);
        foreach ((int kilobytes, ThpMode mode) in settings.Anon)
            policy = policy.With(Order(kilobytes), mode);
        return policy;
    }
}
