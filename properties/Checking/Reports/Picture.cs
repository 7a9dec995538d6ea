using System.Globalization;
using System.Text;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>
/// Draws a state so that a person sees it: one character a page, a letter by folio (the alphabet begins anew
/// after z), upper case where the entry is writable,
/// <c>-</c> where PROT_NONE lets nobody through, <c>!</c> where userfaultfd write-protects, <c>0</c> the zero page, <c>#</c> a guard marker, <c>.</c>
/// nothing. Angle brackets are around what a PMD maps, parentheses around a folded block of entries. Holes between VMAs are a blank.
/// </summary>
public static class Picture
{
    private const int WidestVma = 96;

    /// <summary>How texts name a folio: a..z, then its number.</summary>
    public static string Letter(int folio) =>
        folio < 26 ? ((char)('a' + folio)).ToString() : folio.ToString(CultureInfo.InvariantCulture);

    /// <summary>All processes in one line: <c>0: AAAA....  1: ..</c>, VMAs separated by a blank.</summary>
    public static string Line(MemoryState state)
    {
        var text = new StringBuilder();
        foreach (ProcessView process in state.Processes)
        {
            if (text.Length > 0)
                text.Append("  ");
            text.Append(CultureInfo.InvariantCulture, $"{process.Number}:");
            foreach (VmaView vma in state.Vmas)
            {
                if (vma.Process == process.Number)
                    text.Append(' ').Append(Strip(state, vma));
            }
        }
        return text.ToString();
    }

    /// <summary>One line a process.</summary>
    public static IEnumerable<string> Lines(MemoryState state)
    {
        foreach (ProcessView process in state.Processes)
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"{process.Number}:");
            foreach (VmaView vma in state.Vmas)
            {
                if (vma.Process == process.Number)
                    text.Append(CultureInfo.InvariantCulture, $" 0x{vma.Start:x}[").Append(Strip(state, vma)).Append((vma.Flags & VmaFlags.Shared) != 0 ? "] shared" : "]");
            }
            yield return text.ToString();
        }
    }

    /// <summary>The counters of one folio in one line, as example scenarios state them.</summary>
    public static string Folio(MemoryState state, int id)
    {
        FolioView folio = state.Folios[id];
        FolioState s = folio.State;
        var text = new StringBuilder();
        string file = s.FilePage < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"file page {s.FilePage} ");
        text.Append(CultureInfo.InvariantCulture, $"{Letter(id)}: {file}order {s.Order} refs {s.References} mapcount {s.Mapcount}");
        if (s.Order > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" pages {s.NrPagesMapped} slots");
            if (s.Slot0Process >= 0)
                text.Append(CultureInfo.InvariantCulture, $" {s.Slot0Process}:{s.Slot0Count}");
            if (s.Slot1Process >= 0)
                text.Append(CultureInfo.InvariantCulture, $" {s.Slot1Process}:{s.Slot1Count}");
            if (s.Slot0Process < 0 && s.Slot1Process < 0)
                text.Append(" none");
        }
        foreach ((bool set, string name) in new[]
        {
            (s.MaybeMappedShared, "shared"), (s.PartiallyMapped, "partial"), (s.Queued, "queued"), (!s.SwapBacked && s.FilePage < 0, "lazyfree"), (s.Dirty, "dirty"),
        })
        {
            if (set)
                text.Append(' ').Append(name);
        }
        int exclusive = Enumerable.Range(0, folio.Pages).Count(i => state.IsExclusive(folio, i));
        if (exclusive > 0)
            text.Append(CultureInfo.InvariantCulture, $" exclusive {exclusive}");
        if (s.Mlocked)
            text.Append(CultureInfo.InvariantCulture, $" mlocked {s.MlockCount}");
        if (s.Pins > 0)
            text.Append(CultureInfo.InvariantCulture, $" pins {s.Pins}");
        return text.ToString();
    }

    /// <summary>The per-size counters of an order that are not 0, in one line.</summary>
    public static string Statistics(MemoryState state, int order)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"order {order}:");
        if (order < 0 || order >= state.Statistics.Length || state.Statistics[order] is not OrderStatistics statistics)
            return text.Append(" no statistics").ToString();
        foreach ((long value, string name) in new[]
        {
            (statistics.AnonFaultAlloc, "anon_fault_alloc"), (statistics.AnonFaultFallback, "anon_fault_fallback"), (statistics.Split, "split"), (statistics.SplitFailed, "split_failed"),
            (statistics.SplitDeferred, "split_deferred"), (statistics.NrAnon, "nr_anon"), (statistics.NrAnonPartiallyMapped, "nr_anon_partially_mapped"),
        })
        {
            if (value != 0)
                text.Append(CultureInfo.InvariantCulture, $" {name} {value}");
        }
        return text.ToString();
    }

    /// <summary>The deferred-split queue, oldest first, in one line.</summary>
    public static string Queue(MemoryState state) => "queue:" + string.Concat(state.Queue.Select(folio => " " + Letter(folio)));

    private static string Strip(MemoryState state, in VmaView vma)
    {
        int width = (int)Math.Min(vma.Length, WidestVma);
        var cells = new string[width];
        Array.Fill(cells, ".");
        foreach (PteRun run in state.Runs)
        {
            if (run.Process != vma.Process)
                continue;
            for (int i = 0; i < run.Count; i++)
            {
                long cell = run.Page + i - vma.Start;
                if (cell >= 0 && cell < width)
                    cells[cell] = Cell(run);
            }
        }
        foreach (GuardRun guard in state.Guards)
        {
            for (long page = guard.Page; page < guard.End; page++)
            {
                if (guard.Process == vma.Process && page >= vma.Start && page - vma.Start < width)
                    cells[page - vma.Start] = "#";
            }
        }
        MarkPmds(state, vma, cells);
        MarkFolds(state, vma, cells);
        return string.Concat(cells) + (vma.Length > width ? string.Create(CultureInfo.InvariantCulture, $"...+{vma.Length - width}") : "");
    }

    /// <summary>What a PMD maps stands in angle brackets.</summary>
    private static void MarkPmds(MemoryState state, in VmaView vma, string[] cells)
    {
        foreach (PteRun run in state.Runs)
        {
            if (run.Process != vma.Process || !run.IsPmd || run.Page < vma.Start || run.Page >= vma.End)
                continue;
            for (long first = run.Page - vma.Start; first < Math.Min(run.End - vma.Start, cells.Length); first += state.BlockSize)
            {
                cells[first] = "<" + cells[first];
                if (first + state.BlockSize <= cells.Length)
                    cells[first + state.BlockSize - 1] += ">";
            }
        }
    }

    /// <summary>A folded block stands in parentheses. Its entries may differ in what they know by themselves, so it may be more than one run.</summary>
    private static void MarkFolds(MemoryState state, in VmaView vma, string[] cells)
    {
        foreach (PteRun run in state.Runs)
        {
            if (run.Process != vma.Process || !run.IsContiguous)
                continue;
            for (long page = Math.Max(run.Page, vma.Start); page < Math.Min(run.End, vma.Start + cells.Length); page++)
            {
                long place = page % state.ContPteEntries;
                if (place == 0)
                    cells[page - vma.Start] = "(" + cells[page - vma.Start];
                if (place == state.ContPteEntries - 1)
                    cells[page - vma.Start] += ")";
            }
        }
    }

    private static string Cell(in PteRun run)
    {
        if (run.IsZeroPage)
            return (run.Bits & PteBits.UffdWp) != 0 ? "!" : "0";
        char letter = (char)('a' + (run.Folio % 26));
        if ((run.Bits & PteBits.ProtNone) != 0)
            return "-";
        if ((run.Bits & (PteBits.UffdWp | PteBits.Writable)) == PteBits.UffdWp)
            return "!";
        return ((run.Bits & PteBits.Writable) != 0 ? char.ToUpperInvariant(letter) : letter).ToString();
    }
}
