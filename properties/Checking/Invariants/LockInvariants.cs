using FolioCheck.Vocabulary;
using static FolioCheck.Properties.CounterInvariants;

namespace FolioCheck.Properties;

/// <summary>What the marks of locked memory say about each other (SPECIFICATION.md 6.6, 17.15).</summary>
public static class LockInvariants
{
    /// <summary>
    /// 76: an mlock count means the mark; a small folio is counted at least once for each of its mappings in locked VMAs; lock-on-fault means locked; smaps Locked is the sum of
    /// proportional shares.
    /// </summary>
    public static string? MarksAgree(MemoryState state, Premise premise)
    {
        foreach (FolioView folio in state.Folios)
        {
            FolioState s = folio.State;
            if (s.MlockCount > 0 && !s.Mlocked)
                return $"folio {Name(folio)}: mlock count {s.MlockCount}, but not mlocked";
        }
        var locked = new int[state.Folios.Count];
        for (int v = 0; v < state.Vmas.Count; v++)
        {
            VmaView vma = state.Vmas[v];
            bool isLocked = (vma.Flags & VmaFlags.Locked) != 0;
            if (!isLocked && (vma.Flags & VmaFlags.LockOnFault) != 0)
                return $"process {vma.Process} vma 0x{vma.Start:x}: locked on fault, but not locked";
            long expected = isLocked ? Shares(state, v, locked) >> 22 : 0;
            if (vma.Smaps.Locked != expected)
                return $"process {vma.Process} vma 0x{vma.Start:x}: smaps says {vma.Smaps.Locked} kB locked, the shares are {expected}";
        }
        foreach (FolioView folio in state.Folios)
        {
            int mappings = locked[folio.State.Id];
            if (folio.State.Order > 0 || mappings == 0)
                continue;
            premise.Holds();
            if (folio.State.MlockCount < mappings)
                return $"folio {Name(folio)}: {mappings} mappings in locked VMAs, but mlock count {folio.State.MlockCount}";
        }
        return null;
    }

    /// <summary>Sum over the pages of a VMA of a page divided by its mapcount, in bytes with 12 more binary places; counts the mappings on the way.</summary>
    private static long Shares(MemoryState state, int vma, int[] mappings)
    {
        long shares = 0;
        foreach (PteRun run in state.RunsOf(vma))
        {
            if (run.IsZeroPage)
                continue;
            FolioView folio = state.Folios[run.Folio];
            mappings[run.Folio] += run.Count;
            for (int i = 0; i < run.Count; i++)
                shares += (1L << 24) / (folio.State.References == 1 ? 1 : state.Recount(folio, run.Index + i));
        }
        return shares;
    }
}
