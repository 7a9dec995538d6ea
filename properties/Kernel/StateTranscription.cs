using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>Writes one picture of a system under test as a transcript would.</summary>
/// <param name="memory">The picture.</param>
/// <param name="quirks">What pagemap shows.</param>
/// <param name="framesBefore">Frame at each place in the picture before.</param>
/// <param name="frames">Takes the frame at each place in this picture.</param>
internal sealed class StateTranscription(
    ObservedMemory memory,
    Quirks quirks,
    Dictionary<(int Process, long Page), long> framesBefore,
    Dictionary<(int Process, long Page), long> frames)
{
    private readonly HashSet<int> _mapped = [];

    public RecordedState Write()
    {
        var vmas = memory.Vmas.ToLookup(vma => vma.Process, Vma);
        List<RecordedProcess> processes = [.. memory.Processes.Select(process => new RecordedProcess(process, [.. vmas[process]]))];
        List<RecordedFolio> folios = [.. memory.Folios.Values.Where(folio => _mapped.Contains(folio.Id)).Select(Folio)];
        return new RecordedState(processes, folios);
    }

    private RecordedVma Vma(ObservedVma vma) => new()
    {
        Start = vma.Start,
        Length = vma.Length,
        Permissions = Permissions(vma.Protection),
        Flags = Flags(vma.Flags),
        Smaps = Smaps(vma.Smaps),
        Runs = Runs(vma),
    };

    /// <summary>In the order in which smaps prints them. VM_ACCOUNT is not recorded.</summary>
    private static string Flags(VmaFlags flags)
    {
        (VmaFlags Flag, string Word)[] words =
        [
            (VmaFlags.UffdWp, "uw"), (VmaFlags.Locked, "lo"), (VmaFlags.DontFork, "dc"), (VmaFlags.LockOnFault, "lf"), (VmaFlags.WipeOnFork, "wf"), (VmaFlags.HugePage, "hg"), (VmaFlags.NoHugePage, "nh"),
        ];
        return string.Join(' ', words.Where(word => (flags & word.Flag) != 0).Select(word => word.Word));
    }

    private static string Permissions(Protection protection) =>
        (protection.HasFlag(Protection.Read) ? "r" : "-") + (protection.HasFlag(Protection.Write) ? "w" : "-") + "-p";

    private static Dictionary<string, long> Smaps(long[] fields)
    {
        IReadOnlyList<string> names = ObservationLayout.FieldNames(RecordKind.Smaps);
        var smaps = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int field = 0; field < fields.Length; field++)
        {
            if (fields[field] != 0)
                smaps.Add(names[field], names[field] is "THPeligible" or "Locked" ? fields[field] : fields[field] * TranscriptFormat.PageKilobytes);
        }
        return smaps;
    }

    private List<RecordedRun> Runs(ObservedVma vma)
    {
        var runs = new List<RecordedRun>();
        foreach (ObservedRun run in vma.Runs)
        {
            for (long entry = 0; entry < run.Count; entry++)
                RunLengths.Append(runs, Entry(vma, run, entry));
        }
        return runs;
    }

    private RecordedRun Entry(ObservedVma vma, ObservedRun run, long entry)
    {
        long page = run.Page + entry;
        if (run.Folio == ObservationLayout.GuardMarker)
            return new RecordedRun(page - vma.Start, 1, 'G', 0, 0, "");
        if (run.Folio == ObservationLayout.ZeroPage)
            return new RecordedRun(page - vma.Start, 1, 'Z', RecordedRun.ZeroPage, 0, Letters(run.Bits, "", run.Bits.HasFlag(PteBits.Pmd) ? "F" : ""));
        ObservedFolio folio = memory.Folios[run.Folio];
        long index = run.Index + entry;
        long frame = folio.Frame + index;
        _mapped.Add(folio.Id);
        frames[(vma.Process, page)] = frame;
        bool kept = framesBefore.TryGetValue((vma.Process, page), out long before) && before == frame;
        string first = (folio.Exclusive[index] != 0 ? "X" : "") + (kept ? "K" : "");
        // The quirk: pagemap looks at the head of what a PMD maps, whichever page it is asked about.
        long looked = run.Bits.HasFlag(PteBits.Pmd) && quirks.HasFlag(Quirks.PagemapLooksAtHead) ? 0 : index;
        string last = folio.Mapcounts[looked] + folio.EntireMapcount == 1 ? "E" : "";
        return new RecordedRun(page - vma.Start, 1, 'M', folio.Id, index, Letters(run.Bits, first, last));
    }

    private static string Letters(PteBits bits, string first, string last) =>
        first + (bits.HasFlag(PteBits.ProtNone) ? "N" : "") + (bits.HasFlag(PteBits.Writable) ? "W" : "") + (bits.HasFlag(PteBits.Dirty) ? "D" : "")
        + (bits.HasFlag(PteBits.Pmd) ? "P" : "") + last
        + (bits.HasFlag(PteBits.UffdWp) ? "U" : "");

    private static RecordedFolio Folio(ObservedFolio folio) => new()
    {
        Id = folio.Id,
        Order = folio.Order,
        Type = "anon",
        Aligned = folio.Frame % (1L << folio.Order) == 0,
        Mapcounts = RunLengths.Counts([.. folio.Mapcounts.Select(mapcount => mapcount + folio.EntireMapcount)]),
        KernelFlags = KernelFlags(folio),
        References = folio.References,
        Tokens = RunLengths.Tokens(folio.Contents),
        Large = folio.Order == 0 ? null : Large(folio),
    };

    private static List<string> KernelFlags(ObservedFolio folio)
    {
        List<string> flags = ["lru", "uptodate"];
        if (folio.SwapBacked)
            flags.Add("swapbacked");
        if (folio.Dirty)
            flags.Add("dirty");
        if (folio.Mlocked)
            flags.AddRange(["mlocked", "unevictable"]);
        if (folio.Order > 0)
            flags.Add("thp");
        return flags;
    }

    private static LargeFolioFields Large(ObservedFolio folio) => new()
    {
        Mapcount = folio.Mapcount,
        EntireMapcount = folio.EntireMapcount,
        NrPagesMapped = folio.NrPagesMapped,
        Tracked = Tracked(folio),
        MaybeMappedShared = folio.MaybeMappedShared,
        Pins = folio.Pins,
        PartiallyMapped = folio.PartiallyMapped,
        Queued = folio.Order >= Machine.SmallestLargeOrder ? folio.Queued : null,
    };

    private static List<TrackedMm> Tracked(ObservedFolio folio) =>
    [
        .. folio.TrackedMms
            .Where(tracked => tracked.Count != 0)
            .Select(tracked => new TrackedMm(Name(tracked.Process), tracked.Count))
            .OrderBy(tracked => tracked.Process, StringComparer.Ordinal)
            .ThenBy(tracked => tracked.Count),
    ];

    private static string Name(long process) => process.ToString(CultureInfo.InvariantCulture);
}
