using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>A VMA of an <see cref="Observation"/>, with its entries and smaps.</summary>
internal sealed class ObservedVma(int process, ReadOnlySpan<long> fields)
{
    public int Process { get; } = process;

    public long Start { get; } = fields[0];

    public long Length { get; } = fields[1];

    public Protection Protection { get; } = (Protection)fields[2];

    public VmaFlags Flags { get; } = (VmaFlags)fields[3];

    public List<ObservedRun> Runs { get; } = [];

    public long[] Smaps { get; set; } = [];
}

/// <summary>A run of present entries.</summary>
internal readonly record struct ObservedRun(long Page, long Count, int Folio, long Index, PteBits Bits)
{
    public static ObservedRun Of(ReadOnlySpan<long> fields) => new(fields[0], fields[1], (int)fields[2], fields[3], (PteBits)fields[4]);
}
