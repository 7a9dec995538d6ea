using FolioCheck.Vocabulary;
using static FolioCheck.Properties.CounterInvariants;

namespace FolioCheck.Properties;

/// <summary>Who shares a folio: AnonExclusive, write bits, MM-ID slots (SPECIFICATION.md 2, 5.4).</summary>
public static class SharingInvariants
{
    /// <summary>8: an AnonExclusive page is anonymous, and mapped at most once.</summary>
    public static string? ExclusiveMappedOnce(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            for (int i = 0; i < folio.Pages; i++)
            {
                if (!state.IsExclusive(folio, i))
                    continue;
                premise.Holds();
                if (folio.IsOfFile)
                    return $"folio {Name(folio)} page {i}: AnonExclusive, but of the file";
                if (state.Recount(folio, i) > 1)
                    return $"folio {Name(folio)} page {i}: AnonExclusive, but mapped {state.Recount(folio, i)} times";
            }
        }
        return null;
    }

    /// <summary>9: a writable entry maps an AnonExclusive page, or a page of the file through a shared VMA, and lies in a VMA that allows stores.</summary>
    public static string? WritableIsExclusive(MemoryState state, Premise premise)
    {
        foreach (PteRun run in state.Runs)
        {
            if ((run.Bits & PteBits.Writable) == 0 || run.IsZeroPage)
                continue;
            if ((state.Vmas[run.Vma].Protection & Protection.Write) == 0)
                return $"process {run.Process} page 0x{run.Page:x}: writable in a VMA that allows no stores";
            FolioView folio = state.Folios[run.Folio];
            if (folio.IsOfFile != ((state.Vmas[run.Vma].Flags & VmaFlags.Shared) != 0))
                return $"process {run.Process} page 0x{run.Page:x}: folio {Name(folio)} does not go with its VMA, which is {(folio.IsOfFile ? "not " : "")}shared";
            for (int i = 0; i < run.Count && !folio.IsOfFile; i++)
            {
                premise.Holds();
                if (!state.IsExclusive(folio, run.IsPmd ? 0 : run.Index + i))
                    return $"process {run.Process} page 0x{run.Page + i:x}: writable, but page {run.Index + i} of folio {Name(folio)} is not AnonExclusive";
            }
        }
        return null;
    }

    /// <summary>10: a process maps a page of an anonymous folio at most once.</summary>
    public static string? MappedOncePerProcess(MemoryState state, Premise premise)
    {
        var lastMapper = new int[state.Folios.Count == 0 ? 0 : state.Folios[^1].FirstPage + state.Folios[^1].Pages];
        Array.Fill(lastMapper, -1);
        foreach (PteRun run in state.Runs)
        {
            // A process may map the file as often as it likes.
            if (run.IsZeroPage || state.MapsFile(run))
                continue;
            premise.Holds();
            foreach (ref int mapper in lastMapper.AsSpan(state.Folios[run.Folio].FirstPage + run.Index, run.Count))
            {
                if (mapper == run.Process)
                    return $"process {run.Process} maps a page of folio {Picture.Letter(run.Folio)} at 0x{run.Page:x} or after, and once more before";
                mapper = run.Process;
            }
        }
        return null;
    }

    /// <summary>11: MM-ID slots track living processes, different ones, and never more mappings than there are.</summary>
    public static string? SlotsAreLowerBounds(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            FolioState s = folio.State;
            if (s.Slot0Process >= 0 && s.Slot0Process == s.Slot1Process)
                return $"folio {Name(folio)}: both slots track process {s.Slot0Process}";
            if (Wrong(state, folio, s.Slot0Process, s.Slot0Count, premise) is string first)
                return first;
            if (Wrong(state, folio, s.Slot1Process, s.Slot1Count, premise) is string second)
                return second;
        }
        return null;
    }

    private static string? Wrong(MemoryState state, in FolioView folio, int process, int count, Premise premise)
    {
        if (process < 0)
            return count == 0 ? null : $"folio {Name(folio)}: a free slot counts {count}";
        premise.Holds();
        if (!state.Processes.Any(view => view.Number == process))
            return $"folio {Name(folio)}: a slot tracks process {process}, which does not exist";
        int mappings = state.Mappings(folio.State.Id, process);
        return count >= 1 && count <= mappings ? null : $"folio {Name(folio)}: a slot counts {count} mappings of process {process}, which has {mappings}";
    }

    /// <summary>12: "not shared" and mapped means that exactly one process maps the folio.</summary>
    public static string? NotSharedMeansOne(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            if (folio.State.Order == 0 || folio.State.MaybeMappedShared || folio.State.Mapcount == 0)
                continue;
            premise.Holds();
            int sharers = state.Sharers(folio.State.Id);
            if (sharers != 1)
                return $"folio {Name(folio)}: not marked shared, but {sharers} processes map it";
        }
        return null;
    }

    /// <summary>13: a large folio that nothing maps (references keep it alive) has free slots and is not shared.</summary>
    public static string? UnmappedIsUntracked(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            FolioState s = folio.State;
            if (s.Order == 0)
                continue;
            if (state.Mappings(s.Id) > 0)
                continue;
            premise.Holds();
            if (s.MaybeMappedShared || s.Slot0Process >= 0 || s.Slot1Process >= 0)
                return $"folio {Name(folio)}: nothing maps it, but it is tracked or marked shared";
        }
        return null;
    }

    /// <summary>15: maybe_mapped_shared = false means that at most one process maps the folio, small folios included.</summary>
    public static string? NeverFalselyExclusive(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            bool maybeShared = folio.State.Order == 0 || folio.State.Mapcount <= 1
                ? folio.State.Mapcount > 1
                : folio.State.MaybeMappedShared;
            if (maybeShared)
                continue;
            premise.Holds();
            int sharers = state.Sharers(folio.State.Id);
            if (sharers > 1)
                return $"folio {Name(folio)}: folio_maybe_mapped_shared says no, but {sharers} processes map it";
        }
        return null;
    }

    /// <summary>14: a folio that never had more than two sharers at once is marked shared exactly while it has two.</summary>
    public static StepCheck ExactUpToTwo()
    {
        // By first frame: most sharers so far, of the folio that lives there now.
        var most = new Dictionary<int, (int Order, int Sharers)>();
        return (in Step step, Premise premise) =>
        {
            var live = new HashSet<int>();
            foreach (FolioView folio in step.After.Folios)
            {
                FolioState s = folio.State;
                if (s.Order == 0)
                    continue;
                live.Add(s.Frame);
                int sharers = step.After.Sharers(s.Id);
                int before = most.TryGetValue(s.Frame, out var known) && known.Order == s.Order ? known.Sharers : 0;
                most[s.Frame] = (s.Order, Math.Max(before, sharers));
                if (most[s.Frame].Sharers > 2)
                    continue;
                if (sharers == 2)
                    premise.Holds();
                if (s.MaybeMappedShared != (sharers == 2))
                    return $"folio {Name(folio)}: {sharers} sharers and never more than two, but marked {(s.MaybeMappedShared ? "shared" : "not shared")}";
            }
            foreach (int frame in most.Keys.Where(frame => !live.Contains(frame)).ToList())
                most.Remove(frame);
            return null;
        };
    }
}
