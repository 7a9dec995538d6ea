using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>References that are not mappings: plain ones and long-term pins (get_user_pages, pin_user_pages; SPECIFICATION.md 5.9, 17.14).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Pages that a pipe takes.</summary>
    private const int PipePages = 256;

    /// <summary>vmsplice into a pipe: a reference a page, FOLL_GET. It neither breaks sharing nor keeps it from being broken.</summary>
    private Outcome Get(Process process, in Operation operation)
    {
        if (process.Holds.TryGetValue(operation.Handle, out Hold? before))
        {
            if (before.IsPin)
                return Outcome.NoProcess;
            // The number goes to a new pipe; the old one stays open, out of reach, until exit.
            process.LostHolds.Add(before);
        }
        var hold = new Hold(isPin: false);
        process.Holds[operation.Handle] = hold;
        int taken = 0;
        while (taken < operation.Length && taken < PipePages)
        {
            long page = operation.Address + taken;
            Vma? vma = process.FindVma(page);
            if (vma is null || (vma.Protection & Protection.Read) == 0)
                break;
            if (!process.PageTable.ContainsKey(page))
                ReadFault(process, page);
            if (process.PageTable[page].Folio is Folio folio)
                Take(hold, folio, references: 1, pins: 0);
            taken++;
        }
        return taken == 0 && operation.Length > 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token(taken);
    }

    /// <summary>An io_uring registered buffer: FOLL_PIN, FOLL_WRITE, FOLL_LONGTERM.</summary>
    private Outcome Pin(Process process, in Operation operation)
    {
        if (process.Holds.ContainsKey(operation.Handle))
            return Outcome.NoProcess;
        if (operation.Length <= 0)
            return Outcome.Error(Errno.EFAULT);
        process.HasPinned = true;
        var hold = new Hold(isPin: true);
        process.Holds.Add(operation.Handle, hold);
        if (PinPages(process, operation, hold) is Outcome failed)
        {
            // Nothing stays pinned; what was faulted stays.
            Release(process, operation.Handle);
            return failed;
        }
        Coalesce(hold, [.. process.Entries(operation.Address, operation.End).Select(entry => entry.Pte)]);
        return Outcome.Ok;
    }

    /// <summary>
    /// Makes every page present and writable and pins it at once: so a page that could be reused before is copied once its folio has a pin on
    /// another page. Returns how that failed, or null.
    /// </summary>
    private Outcome? PinPages(Process process, in Operation operation, Hold hold)
    {
        bool fast = true;
        for (long done = 0; done < operation.Length; done++)
        {
            long page = operation.Address + done;
            Vma? vma = process.FindVma(page);
            if (vma is null || (vma.Protection & Protection.Write) == 0)
                return Outcome.Error(Errno.EFAULT);
            bool writable = process.PageTable.TryGetValue(page, out Pte pte) && pte.Writable;
            // gup_fast takes what is there and touches nothing; after the first page that is not there all go the slow way.
            fast &= writable;
            if (!fast && writable)
                Touch(pte);
            if (!writable && !WriteFault(process, vma, page))
                return Outcome.OutOfMemory((int)done);
            Folio folio = process.PageTable[page].Folio!;
            Take(hold, folio, folio.IsLarge ? 1 : Folio.PinBias, folio.IsLarge ? 1 : 0);
        }
        return null;
    }

    /// <summary>
    /// io_uring keeps one pin a folio when it can treat the buffer as equal large folios (io_check_coalesce_buffer, io_coalesce_buffer); otherwise each
    /// page keeps its own.
    /// </summary>
    private void Coalesce(Hold hold, List<Pte> pages)
    {
        var runs = new List<(Pte First, int Count)>();
        foreach (Pte page in pages)
        {
            if (runs.Count > 0 && runs[^1].First.Folio == page.Folio && runs[^1].First.Index + runs[^1].Count == page.Index)
                runs[^1] = (runs[^1].First, runs[^1].Count + 1);
            else
                runs.Add((page, 1));
        }
        if (pages.Count == 1 || !pages[0].Folio!.IsLarge || !AreEqualFolios(runs))
            return;
        hold.Items.Clear();
        foreach ((Pte first, int count) in runs)
        {
            Folio folio = first.Folio!;
            hold.Add(folio, 1);
            if (count == 1)
                continue;
            folio.ExtraReferences -= count - 1;
            folio.Pins -= count - 1;
            EmitFolio(EventKind.ReferenceDown, folio.Frame, count - 1);
        }
    }

    /// <summary>The first run ends with its folio, the last begins with its own, those between are whole; all folios have one size.</summary>
    private static bool AreEqualFolios(List<(Pte First, int Count)> runs)
    {
        int size = runs[0].First.Folio!.Pages;
        for (int i = 0; i < runs.Count; i++)
        {
            (Pte first, int count) = runs[i];
            if (first.Folio!.Pages != size || i > 0 && first.Index != 0)
                return false;
            if (i < runs.Count - 1 && first.Index + count != size)
                return false;
        }
        return true;
    }

    private void Take(Hold hold, Folio folio, int references, int pins)
    {
        folio.ExtraReferences += references;
        folio.Pins += pins;
        hold.Add(folio, references);
        EmitFolio(EventKind.ReferenceUp, folio.Frame, references);
    }

    private Outcome Drop(Process process, int handle, bool isPin)
    {
        if (!process.Holds.TryGetValue(handle, out Hold? hold) || hold.IsPin != isPin)
            return Outcome.Error(Errno.EBADF);
        Release(process, handle);
        return Outcome.Ok;
    }

    /// <summary>A process lets go of a handle; the last one drops the references.</summary>
    private void Release(Process process, int handle)
    {
        Hold hold = process.Holds[handle];
        process.Holds.Remove(handle);
        Release(hold);
    }

    private void Release(Hold hold)
    {
        hold.Holders--;
        if (hold.Holders > 0)
            return;
        foreach ((Folio folio, int references) in hold.Items)
        {
            folio.ExtraReferences -= references;
            if (hold.IsPin && folio.IsLarge)
                folio.Pins -= references;
            EmitFolio(EventKind.ReferenceDown, folio.Frame, references);
            FreeIfUnused(folio);
        }
    }
}
