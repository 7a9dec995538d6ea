using FolioCheck.Vocabulary;
using static FolioCheck.Properties.CounterInvariants;

namespace FolioCheck.Properties;

/// <summary>Form of folios, entries, queue and smaps (SPECIFICATION.md 2, 3.5, 5.8, 6.2).</summary>
public static class FormInvariants
{
    /// <summary>16: partially mapped means anonymous, order 2 and up and queued; the queue holds each queued folio once.</summary>
    public static string? PartialIsQueued(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            FolioState s = folio.State;
            if (s.Queued != state.Queue.Contains(s.Id))
                return $"folio {Name(folio)}: {(s.Queued ? "says it is queued, but is not" : "is queued, but does not say so")}";
            if (folio.IsOfFile && (s.Queued || s.PartiallyMapped))
                return $"folio {Name(folio)}: of the file, but {(s.Queued ? "queued" : "partially mapped")}";
            if (!s.PartiallyMapped)
                continue;
            premise.Holds();
            if (s.Order < 2 || !s.Queued)
                return $"folio {Name(folio)}: partially mapped, but {(s.Order < 2 ? "too small" : "not queued")}";
        }
        return state.Queue.Distinct().Count() == state.Queue.Count ? null : "a folio stands twice on the deferred-split queue";
    }

    /// <summary>20: a folio begins at a frame that is a multiple of its size; runs stay inside folio and VMA; no two folios share a frame.</summary>
    public static string? Aligned(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            premise.Holds();
            if (folio.State.Frame % folio.Pages != 0)
                return $"folio {Name(folio)}: frame is no multiple of {folio.Pages}";
        }
        int free = 0;
        foreach (FolioView folio in state.Folios.OrderBy(folio => folio.State.Frame))
        {
            if (folio.State.Frame < free)
                return $"folio {Name(folio)}: frame {folio.State.Frame} belongs to another folio too";
            free = folio.State.Frame + folio.Pages;
        }
        foreach (PteRun run in state.Runs)
        {
            VmaView vma = state.Vmas[run.Vma];
            if (!run.IsZeroPage && run.Index + run.Count > state.Folios[run.Folio].Pages)
                return $"process {run.Process} page 0x{run.Page:x}: {run.Count} entries run beyond folio {Picture.Letter(run.Folio)}";
            if (run.Page < vma.Start || run.End > vma.End)
                return $"process {run.Process} page 0x{run.Page:x}: {run.Count} entries run beyond their VMA";
        }
        return null;
    }

    /// <summary>
    /// 19: a PMD mapping is a whole block; each block with entries, markers or a PMD mapping has a leaf table (behind a PMD mapping the deposited one), and no table lies where no VMA is.
    /// </summary>
    public static string? TablesCoverEntries(MemoryState state, Premise premise)
    {
        int size = state.BlockSize;
        foreach (PteRun run in state.Runs)
        {
            if (run.IsPmd && (run.Page % size != 0 || run.Count % size != 0 || run.Index != 0 || !run.IsZeroPage && run.Count != size))
                return $"process {run.Process} page 0x{run.Page:x}: a PMD maps {run.Count} pages from page {run.Index} of what it maps";
        }
        foreach (ProcessView process in state.Processes)
        {
            var used = new BlockCount(size);
            foreach (PteRun run in state.Runs)
            {
                if (run.Process == process.Number)
                    used.Add(run.Page, run.End);
            }
            var marked = new BlockCount(size);
            foreach (GuardRun guard in state.Guards)
            {
                if (guard.Process == process.Number)
                    marked.Add(guard.Page, guard.End);
            }
            var possible = new BlockCount(size);
            foreach (VmaView vma in state.Vmas)
            {
                if (vma.Process == process.Number)
                    possible.Add(vma.Start, vma.End);
            }
            premise.Holds((int)used.Blocks);
            if (process.PageTables < Math.Max(used.Blocks, marked.Blocks) || process.PageTables > possible.Blocks)
                return $"process {process.Number}: {process.PageTables} leaf tables for {used.Blocks} blocks with entries, {marked.Blocks} with markers, {possible.Blocks} in VMAs";
        }
        return null;
    }

    /// <summary>Counts the blocks that ranges touch; ranges come in ascending order.</summary>
    private struct BlockCount(int size)
    {
        private long _next;

        public long Blocks { get; private set; }

        public void Add(long start, long end)
        {
            long first = Math.Max(_next, start / size);
            long last = (end - 1) / size;
            Blocks += Math.Max(0, last - first + 1);
            _next = Math.Max(_next, last + 1);
        }
    }

    /// <summary>21: entries of the zero page are never writable nor dirty, and count nowhere.</summary>
    public static string? ZeroPage(MemoryState state, Premise premise)
    {
        foreach (PteRun run in state.Runs)
        {
            if (!run.IsZeroPage)
                continue;
            premise.Holds();
            if ((run.Bits & (PteBits.Writable | PteBits.Dirty)) != 0)
                return $"process {run.Process} page 0x{run.Page:x}: the zero page is mapped {run.Bits}";
            long folioPages = 0;
            foreach (PteRun other in state.RunsOf(run.Vma))
                folioPages += other.IsZeroPage ? 0 : other.Count;
            if (state.Vmas[run.Vma].Smaps.Rss > folioPages)
                return $"process {run.Process} vma 0x{state.Vmas[run.Vma].Start:x}: Rss counts the zero page";
        }
        return null;
    }

    /// <summary>22: "mapped exclusively" (pagemap bit 56, smaps Private) = page mapcount 1.</summary>
    public static string? PrivateIsMappedOnce(MemoryState state, Premise premise)
    {
        for (int v = 0; v < state.Vmas.Count; v++)
        {
            VmaView vma = state.Vmas[v];
            long once = 0;
            foreach (PteRun run in state.RunsOf(v))
            {
                if (run.IsZeroPage)
                    continue;
                for (int i = 0; i < run.Count; i++)
                    once += state.Recount(state.Folios[run.Folio], run.Index + i) == 1 ? 1 : 0;
            }
            if (vma.Smaps.Rss > 0)
                premise.Holds();
            long found = vma.Smaps.PrivateClean + vma.Smaps.PrivateDirty;
            if (found != once)
                return $"process {vma.Process} vma 0x{vma.Start:x}: smaps counts {found} private pages, but {once} are mapped once";
        }
        return null;
    }

    /// <summary>25: in smaps, Rss = all private and shared pages, Anonymous is what is mapped but for the file, LazyFree is a part of it, and it is what is mapped; AnonHugePages is what PMDs map.</summary>
    public static string? SmapsAddUp(MemoryState state, Premise premise)
    {
        for (int v = 0; v < state.Vmas.Count; v++)
        {
            Smaps s = state.Vmas[v].Smaps;
            long mapped = 0;
            long anon = 0;
            foreach (PteRun run in state.RunsOf(v))
            {
                mapped += run.IsZeroPage ? 0 : run.Count;
                anon += run.IsZeroPage || state.MapsFile(run) ? 0 : run.Count;
            }
            if (mapped > 0)
                premise.Holds();
            if (s.Rss != mapped || s.Rss != s.PrivateClean + s.PrivateDirty + s.SharedClean + s.SharedDirty)
                return $"process {state.Vmas[v].Process} vma 0x{state.Vmas[v].Start:x}: Rss {s.Rss} of {mapped} mapped pages does not add up: {s}";
            long huge = 0;
            foreach (PteRun run in state.RunsOf(v))
                huge += run.IsPmd && !run.IsZeroPage ? run.Count : 0;
            if (s.AnonHugePages != huge)
                return $"process {state.Vmas[v].Process} vma 0x{state.Vmas[v].Start:x}: AnonHugePages {s.AnonHugePages}, but PMDs map {huge} pages";
            if (s.Anonymous != anon)
                return $"process {state.Vmas[v].Process} vma 0x{state.Vmas[v].Start:x}: Anonymous {s.Anonymous}, but {anon} anonymous pages are mapped";
            if (s.LazyFree > s.Anonymous || s.LazyFree > s.PrivateClean + s.SharedClean)
                return $"process {state.Vmas[v].Process} vma 0x{state.Vmas[v].Start:x}: a part is larger than its whole: {s}";
        }
        return null;
    }
}
