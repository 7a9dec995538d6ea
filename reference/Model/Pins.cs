using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>Long-term pins: a registered buffer of io_uring (pin_user_pages; SPECIFICATION.md 5.9, 17.14).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>An io_uring registered buffer: FOLL_PIN, FOLL_WRITE, FOLL_LONGTERM.</summary>
    private Outcome Pin(Process process, in Operation operation) => TakePins(process, operation, PinPages, Coalesce);

    private delegate Outcome? PinWalk(Process process, in Operation operation, Hold hold);

    private Outcome TakePins(Process process, in Operation operation, PinWalk pinPages, Action<Hold, List<Pte>> finish)
    {
        if (process.Holds.ContainsKey((operation.Handle, true)))
            return Outcome.NoProcess;
        if (operation.Length <= 0)
            return Outcome.Error(operation.Length < 0 ? Errno.EINVAL : Errno.EFAULT);
        process.HasPinned = true;
        var hold = new Hold(isPin: true);
        process.Holds.Add((operation.Handle, true), hold);
        if (pinPages(process, operation, hold) is Outcome failed)
        {
            // Nothing stays pinned; what was faulted stays.
            process.Holds.Remove((operation.Handle, true));
            Release(hold);
            return failed;
        }
        finish(hold, [.. process.Entries(operation.Address, operation.End).Select(entry => entry.Pte)]);
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
            // gup_fast does not go through what is hinted at.
            fast &= !RestoreHinted(process, vma, page);
            bool writable = process.PageTable.TryGet(page, out Pte pte) && pte.Writable;
            // gup_fast takes what is there and touches nothing; after the first page that is not there all go the slow way.
            fast &= writable;
            if (!fast && writable)
                Touch(process, page);
            if (!writable && FailedPin(WriteFault(process, vma, page), done) is Outcome failed)
                return failed;
            TakePin(hold, process.PageTable[page].Folio!);
        }
        return null;
    }

    private static Outcome? FailedPin(Fault fault, long done) => fault switch
    {
        Fault.Handled => null,
        Fault.OutOfMemory => Outcome.OutOfMemory((int)done),
        _ => Outcome.Error(Errno.EFAULT),
    };

    private void TakePin(Hold hold, Folio folio) => Take(hold, folio, folio.IsLarge ? 1 : Folio.PinBias, folio.IsLarge ? 1 : 0);

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
}
