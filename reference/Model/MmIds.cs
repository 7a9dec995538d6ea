namespace FolioCheck.Reference;

/// <summary>
/// MM-ID tracking: two slots and a "maybe mapped shared" flag say cheaply whether one process alone maps a large folio
/// (folio_set_large_mapcount, folio_add_return_large_mapcount, folio_sub_return_large_mapcount; SPECIFICATION.md 5.4).
/// </summary>
internal static class MmIds
{
    /// <summary>The first mapping of a fresh folio: all its pages, by one process.</summary>
    public static void Set(Folio folio, Process process, int count) => folio.Slots[0] = new MmIdSlot(process, count);

    /// <summary>A process mapped more pages.</summary>
    /// <param name="folio">The large folio.</param>
    /// <param name="process">Who mapped.</param>
    /// <param name="count">Pages mapped now.</param>
    /// <param name="mapcount">All mappings of the folio, these included.</param>
    public static void Add(Folio folio, Process process, int count, int mapcount)
    {
        for (int i = 0; i < 2; i++)
        {
            if (folio.Slots[i].Process == process)
            {
                folio.Slots[i] = new MmIdSlot(process, folio.Slots[i].Count + count);
                return;
            }
        }
        if (folio.Slots[0].Process is null)
        {
            folio.Slots[0] = new MmIdSlot(process, count);
            // Others may map it already, untracked or in the other slot.
            if (mapcount != count)
                folio.MaybeMappedShared = true;
        }
        else if (folio.Slots[1].Process is null)
        {
            folio.Slots[1] = new MmIdSlot(process, count);
            folio.MaybeMappedShared = true;
        }
        // A third process stays untracked.
    }

    /// <summary>A process unmapped pages.</summary>
    /// <param name="folio">The large folio.</param>
    /// <param name="process">Who unmapped.</param>
    /// <param name="count">Pages unmapped now.</param>
    /// <param name="mapcount">All mappings that remain.</param>
    public static void Sub(Folio folio, Process process, int count, int mapcount)
    {
        for (int i = 0; i < 2; i++)
        {
            if (folio.Slots[i].Process != process)
                continue;
            int left = folio.Slots[i].Count - count;
            // A slot that stays occupied is not looked at again.
            if (left > 0)
            {
                folio.Slots[i] = new MmIdSlot(process, left);
                return;
            }
            folio.Slots[i] = default;
            break;
        }
        if (folio.Slots[0].Count == mapcount || folio.Slots[1].Count == mapcount)
            folio.MaybeMappedShared = false;
    }
}
