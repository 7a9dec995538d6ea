using FolioCheck.Vocabulary;

namespace FolioCheck.Reference;

/// <summary>References that are not mappings: taken by vmsplice, held under handles, dropped (get_user_pages; SPECIFICATION.md 5.9, 17.14).</summary>
public sealed partial class ReferenceMemory
{
    /// <summary>Pages that a pipe takes.</summary>
    private const int PipePages = 256;

    /// <summary>vmsplice into a pipe: a reference a page, FOLL_GET. It neither breaks sharing nor keeps it from being broken.</summary>
    private Outcome Get(Process process, in Operation operation)
    {
        // A number used again goes to the new pipe; the old one stays open, out of reach, until exit.
        if (process.Holds.TryGetValue((operation.Handle, false), out Hold? before))
            process.LostHolds.Add(before);
        var hold = new Hold(isPin: false);
        process.Holds[(operation.Handle, false)] = hold;
        if (operation.Length < 0)
            return Outcome.Error(Errno.EINVAL);
        int taken = 0;
        while (taken < operation.Length && taken < PipePages)
        {
            long page = operation.Address + taken;
            if (!IsInReach(process, page) && FaultForReading(process, page) != Fault.Handled)
                break;
            if (process.PageTable[page].Folio is Folio folio)
                Take(hold, folio, references: 1, pins: 0);
            taken++;
        }
        return taken == 0 && operation.Length > 0 ? Outcome.Error(Errno.EFAULT) : Outcome.Token(taken);
    }

    /// <summary>gup_fast: an entry of a folio that lets the hardware through is enough; nobody looks at the VMA.</summary>
    private static bool IsInReach(Process process, long page) =>
        process.PageTable.TryGet(page, out Pte pte) && pte.Folio is not null && !pte.ProtNone;

    /// <summary>check_vma_flags, and a fault if nothing is there.</summary>
    private Fault FaultForReading(Process process, long page)
    {
        Vma? vma = process.FindVma(page);
        if (vma is null || (vma.Protection & Protection.Read) == 0)
            return Fault.SegmentationFault;
        return process.PageTable.Holds(page) ? Fault.Handled : ReadFault(process, vma, page);
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
        if (!process.Holds.Remove((handle, isPin), out Hold? hold))
            return Outcome.Error(Errno.EBADF);
        Release(hold);
        return Outcome.Ok;
    }

    /// <summary>A process lets go; the last one drops the references.</summary>
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
