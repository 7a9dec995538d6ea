using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>Line 1 of a transcript: what was recorded, and under which settings.</summary>
public sealed record TranscriptHeader
{
    /// <summary>What kind of operations the recorder drew.</summary>
    public required string Profile { get; init; }

    /// <summary>The recorder's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The kernel's release.</summary>
    public required string Kernel { get; init; }

    /// <summary>Virtual base address, in bytes, of the page numbers in the transcript.</summary>
    public required string Arena { get; init; }

    /// <summary>Operations that the recorder drew. Those that set the stage come on top, so there may be more records.</summary>
    public required int DrawnOperations { get; init; }

    /// <summary>The exact number of records, where whoever packed the transcript wrote it down.</summary>
    public int? Records { get; init; }

    /// <summary>THP settings.</summary>
    public required TranscriptSettings Settings { get; init; }

    /// <summary>The swap device, in the recorder's words.</summary>
    public string? Swap { get; init; }

    /// <summary>How khugepaged was kept quiet, in the recorder's words.</summary>
    public string? Khugepaged { get; init; }

    /// <summary>The CPU that everything ran on.</summary>
    public long? Cpu { get; init; }
}

/// <summary>THP settings during a recording. A size that is not named is never used. Sizes are in kB.</summary>
public sealed record TranscriptSettings
{
    /// <summary><c>enabled</c> of each size, for anonymous memory.</summary>
    public required IReadOnlyDictionary<int, ThpMode> Anon { get; init; }

    /// <summary><c>shmem_enabled</c> of each size.</summary>
    public required IReadOnlyDictionary<int, string> Shmem { get; init; }

    /// <summary>The global <c>enabled</c>.</summary>
    public required ThpMode Global { get; init; }

    /// <summary><c>use_zero_page</c>.</summary>
    public required bool HugeZeroPage { get; init; }
}
