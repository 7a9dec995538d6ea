using FolioCheck.Kernel;
using FolioCheck.Vocabulary;

namespace FolioCheck.Live;

/// <summary>
/// Takes the state of all agents in the words of a transcript. All agents wait for their next call meanwhile, so what is read in several steps
/// belongs together. Without a <see cref="KernelView"/> it is taken from outside: what /proc shows.
/// </summary>
internal sealed class Snapshot
{
    private const long NoFrame = -1;

    private readonly PageFiles _files;
    private readonly KernelView? _kernel;
    private readonly FoliosFromInside? _inside;
    private readonly FoliosFromOutside _outside;
    private readonly FolioFields? _fields;
    private readonly long _zeroPage;
    private byte[] _text = new byte[1 << 16];
    private Dictionary<(int Slot, long Page), long> _framesBefore = [];
    private long _hugeZeroPage = NoFrame;

    public Snapshot(PageFiles files, KernelView? kernel, long zeroPage)
    {
        _files = files;
        _kernel = kernel;
        _zeroPage = zeroPage;
        _outside = new FoliosFromOutside(files);
        if (kernel is null)
            return;
        _inside = new FoliosFromInside(kernel);
        _fields = new FolioFields(kernel);
    }

    /// <summary>First frame of the huge zero page, if the last state showed it.</summary>
    public long? HugeZeroPage => _hugeZeroPage != NoFrame ? _hugeZeroPage : null;

    /// <summary>Forgets the snapshot before: a new scenario begins.</summary>
    public void Begin() => _framesBefore = [];

    /// <summary>Takes the state.</summary>
    /// <param name="processes">The agents by process number.</param>
    /// <param name="nameOfMm">Names the process of an mm id.</param>
    public RecordedState Take(SortedDictionary<int, ProcessFiles> processes, Func<uint, string> nameOfMm)
    {
        List<LiveVma> vmas = ReadVmas(processes);
        Dictionary<long, LiveFolio> folioOf = ReadFolios(vmas, out List<LiveFolio> folios);
        var frames = new Dictionary<(int Slot, long Page), long>();
        ILookup<int, RecordedVma> recorded = vmas.ToLookup(vma => vma.Slot, vma => Vma(vma, folioOf, frames));
        _framesBefore = frames;
        return new RecordedState(
            [.. processes.Keys.Select(slot => new RecordedProcess(slot, [.. recorded[slot]]))],
            [.. folios.Select(folio => Folio(folio, nameOfMm))]);
    }

    private sealed record LiveVma(int Slot, ProcessFiles Process, SmapsVma Text, ulong[] Pagemap, ulong[] Entries)
    {
        public long Start => (long)((Text.Start - Arena.Base) >> Arena.PageShift);
    }

    private List<LiveVma> ReadVmas(SortedDictionary<int, ProcessFiles> processes)
    {
        var vmas = new List<LiveVma>();
        foreach ((int slot, ProcessFiles process) in processes)
        {
            foreach (SmapsVma text in SmapsText.Read(process.ReadSmaps(ref _text)))
            {
                var vma = new LiveVma(slot, process, text, new ulong[text.Pages], new ulong[text.Pages]);
                process.ReadPagemap(text.Start, vma.Pagemap);
                vmas.Add(vma);
            }
        }
        _kernel?.ReadEntries([.. vmas.Select(vma => (vma.Process.Table, vma.Text.Start, vma.Text.Pages))], [.. vmas.Select(vma => vma.Entries)]);
        return vmas;
    }

    private Dictionary<long, LiveFolio> ReadFolios(List<LiveVma> vmas, out List<LiveFolio> folios)
    {
        var folioOf = new Dictionary<long, LiveFolio>();
        var frames = new List<long>();
        var seen = new HashSet<long>();
        foreach (LiveVma vma in vmas)
        {
            foreach (ulong entry in vma.Pagemap)
            {
                long frame = (long)(entry & PageBits.FrameMask);
                if ((entry & PageBits.Present) != 0 && frame != _zeroPage && seen.Add(frame))
                    frames.Add(frame);
            }
        }
        folios = [];
        _hugeZeroPage = NoFrame;
        foreach ((long head, int order) in _inside?.Find(frames) ?? _outside.Find(frames))
        {
            if (folioOf.ContainsKey(head) || IsHugeZeroPage(head, order))
                continue;
            var folio = new LiveFolio(folios.Count, head, order);
            folios.Add(folio);
            for (int page = 0; page < folio.Pages; page++)
                folioOf.Add(head + page, folio);
        }
        FramesInRows.Fill(_files, folios);
        _inside?.Fill(folios);
        return folioOf;
    }

    /// <summary>There is one at most. It is a folio, but none of ours, and nothing about it is recorded.</summary>
    private bool IsHugeZeroPage(long head, int order)
    {
        if (head == _hugeZeroPage)
            return true;
        if (order != Machine.LargestPmdOrder || !PageBits.Has(_files.Flags(head), PageBits.ZeroPage))
            return false;
        _hugeZeroPage = head;
        return true;
    }

    private bool IsZeroPage(long frame) =>
        frame == _zeroPage || (_hugeZeroPage != NoFrame && frame >> Machine.LargestPmdOrder == _hugeZeroPage >> Machine.LargestPmdOrder);

    private RecordedVma Vma(LiveVma vma, Dictionary<long, LiveFolio> folioOf, Dictionary<(int Slot, long Page), long> frames)
    {
        var runs = new List<RecordedRun>();
        for (int page = 0; page < vma.Pagemap.Length; page++)
        {
            if (Entry(vma, page, folioOf, frames) is RecordedRun entry)
                RunLengths.Append(runs, entry);
        }
        return new RecordedVma
        {
            Start = vma.Start,
            Length = vma.Text.Pages,
            Permissions = vma.Text.Permissions,
            Flags = vma.Text.Flags,
            Smaps = vma.Text.Fields,
            Runs = runs,
        };
    }

    private RecordedRun? Entry(LiveVma vma, int page, Dictionary<long, LiveFolio> folioOf, Dictionary<(int Slot, long Page), long> frames)
    {
        ulong seen = vma.Pagemap[page];
        ulong entry = vma.Entries[page];
        if ((seen & PageBits.Present) == 0)
        {
            if ((seen & PageBits.Guard) != 0)
                return new RecordedRun(page, 1, 'G', 0, 0, "");
            return (seen & PageBits.Swapped) != 0 ? new RecordedRun(page, 1, 'S', 0, 0, "") : null;
        }
        long frame = (long)(seen & PageBits.FrameMask);
        if (IsZeroPage(frame))
            return new RecordedRun(page, 1, 'Z', RecordedRun.ZeroPage, 0, Letters(seen, entry, isExclusive: false, isKept: false));
        LiveFolio folio = folioOf[frame];
        int index = (int)(frame - folio.Head);
        var place = (vma.Slot, vma.Start + page);
        bool kept = _framesBefore.TryGetValue(place, out long before) && before == frame;
        frames.Add(place, frame);
        string letters = Letters(seen, entry, _fields?.IsExclusive(folio, index) ?? false, kept);
        return new RecordedRun(page, 1, 'M', folio.Id, index, letters);
    }

    private string Letters(ulong seen, ulong entry, bool isExclusive, bool isKept)
    {
        Span<char> letters = stackalloc char[TranscriptFormat.RunFlags.Length];
        int count = 0;
        bool inside = _kernel is not null;
        ReadOnlySpan<bool> set =
        [
            isExclusive,
            isKept,
            inside && (entry & PageBits.EntryPresent) == 0,
            (entry & PageBits.EntryWritable) != 0,
            (entry & PageBits.EntryDirty) != 0,
            PageBits.IsPmd(entry),
            (seen & PageBits.MappedOnce) != 0,
            (seen & PageBits.File) != 0,
            (seen & PageBits.UffdWriteProtected) != 0,
        ];
        for (int i = 0; i < set.Length; i++)
        {
            if (set[i])
                letters[count++] = TranscriptFormat.RunFlags[i];
        }
        return Intern(letters[..count]);
    }

    private readonly Dictionary<string, string> _letters = new(StringComparer.Ordinal);

    private string Intern(ReadOnlySpan<char> letters)
    {
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup = _letters.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(letters, out string? text))
            _letters.Add(text = letters.ToString(), text);
        return text;
    }

    private RecordedFolio Folio(LiveFolio folio, Func<uint, string> nameOfMm) => new()
    {
        Id = folio.Id,
        Order = folio.Order,
        Type = PageBits.Has(folio.Flags, PageBits.Anonymous) ? "anon" : PageBits.Has(folio.Flags, PageBits.SwapBacked) ? "shmem" : "file",
        Aligned = folio.Head % folio.Pages == 0,
        Mapcounts = RunLengths.Counts(folio.Mapcounts),
        KernelFlags = [.. PageBits.Recorded.Where(flag => PageBits.Has(folio.Flags, flag.Bit)).Select(flag => flag.Name)],
        References = _fields?.References(folio) ?? 0,
        Tokens = RunLengths.Tokens(folio.Contents),
        Large = folio.Order > 0 ? _fields?.Large(folio, nameOfMm) : null,
    };
}
