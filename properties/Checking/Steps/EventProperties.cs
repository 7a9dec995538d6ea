using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What the micro-steps within an operation must keep (SPECIFICATION.md 2 G6, 17.8).</summary>
public static class EventProperties
{
    /// <summary>67: the references and mappings that the steps take and drop add up to what the state says.</summary>
    public static StepCheck ReferencesFollowMappings()
    {
        var ledger = new Ledger();
        return (in Step step, Premise premise) =>
        {
            foreach (MemoryEvent e in step.Events)
                ledger.Note(e);
            foreach (FolioView folio in step.After.Folios)
            {
                premise.Holds();
                bool known = ledger.Folios.TryGetValue(folio.State.Frame, out var counts);
                if (!known || counts != (folio.State.References, folio.State.Mapcount))
                    return $"folio at frame {folio.State.Frame}: {folio.State.References} references and {folio.State.Mapcount} mappings, but the steps add up to {counts}";
            }
            int live = step.After.Folios.Count + (step.After.Machine.HugeZeroFrame >= 0 ? 1 : 0);
            return ledger.Folios.Count == live ? null : $"{ledger.Folios.Count} folios live by the steps, {live} by the state";
        };
    }

    /// <summary>
    /// 68: at every moment a folio has at least as many references as mappings; an entry is cleared before its mapping is removed. While a PMD mapping gives way to entries it
    /// still counts, without a reference, until the very next step.
    /// </summary>
    public static StepCheck ReferenceBeforeMapping()
    {
        var ledger = new Ledger();
        return (in Step step, Premise premise) =>
        {
            var cleared = new HashSet<(int Process, long Page)>();
            int exchanged = -1;
            foreach (MemoryEvent e in step.Events)
            {
                if (e.Kind == EventKind.PteCleared)
                {
                    for (int i = 0; i < e.Count; i++)
                        cleared.Add((e.Process, e.Page + i));
                }
                if (e.Kind == EventKind.MapcountDown)
                {
                    for (int i = 0; i < e.Count; i++)
                    {
                        if (!cleared.Remove((e.Process, e.Page + i)))
                            return $"process {e.Process} page 0x{e.Page + i:x}: the mapping was removed before the entry was cleared";
                    }
                }
                int folio = ledger.Note(e);
                bool exchanges = e.Kind == EventKind.MapcountUp && cleared.Contains((e.Process, e.Page + step.Machine.EntriesPerTable - 1));
                if (folio >= 0 && exchanges && ledger.Folios[folio].Mappings == ledger.Folios[folio].References + 1)
                {
                    exchanged = folio;
                    continue;
                }
                if (folio >= 0 && folio == exchanged && e.Kind != EventKind.MapcountDown)
                    return $"folio at frame {folio}: a split mapping was not removed before {e}";
                exchanged = folio == exchanged ? -1 : exchanged;
                if (e.Kind is EventKind.MapcountUp or EventKind.ReferenceDown)
                    premise.Holds();
                if (folio >= 0 && ledger.Folios.TryGetValue(folio, out var counts) && counts.References < counts.Mappings)
                    return $"folio at frame {folio}: {counts.Mappings} mappings and only {counts.References} references after {e}";
            }
            if (exchanged >= 0)
                return $"folio at frame {exchanged}: a split mapping was not removed";
            return null;
        };
    }

    /// <summary>References and mappings of each folio, added up from the steps alone.</summary>
    private sealed class Ledger
    {
        private readonly SortedDictionary<int, int> _folioOfFrame = [];

        public SortedDictionary<int, (int References, int Mappings)> Folios { get; } = [];

        /// <summary>Adds one step; returns the first frame of the folio that it concerns, or -1.</summary>
        public int Note(in MemoryEvent e)
        {
            switch (e.Kind)
            {
                case EventKind.FolioAllocated:
                    for (int i = 0; i < e.Count; i++)
                    {
                        // Where a folio was split into large pieces its pages stood for themselves for a moment.
                        Folios.Remove(e.Frame + i);
                        _folioOfFrame[e.Frame + i] = e.Frame;
                    }
                    Folios[e.Frame] = (1, 0);
                    return e.Frame;
                case EventKind.FolioFreed:
                    Folios.Remove(e.Frame);
                    return -1;
                case EventKind.FolioSplit:
                    Folios.Remove(e.Frame);
                    for (int i = 0; i < e.Count; i++)
                    {
                        _folioOfFrame[e.Frame + i] = e.Frame + i;
                        Folios[e.Frame + i] = (0, 0);
                    }
                    return -1;
                case EventKind.ReferenceUp:
                    return Add(e.Frame, e.Count, 0);
                case EventKind.ReferenceDown:
                    return Add(e.Frame, -e.Count, 0);
                case EventKind.MapcountUp:
                    return Add(e.Frame, 0, e.Count);
                case EventKind.MapcountDown:
                    return Add(e.Frame, 0, -e.Count);
                default:
                    return -1;
            }
        }

        private int Add(int frame, int references, int mappings)
        {
            int folio = _folioOfFrame.GetValueOrDefault(frame, frame);
            (int r, int m) = Folios.GetValueOrDefault(folio);
            Folios[folio] = (r + references, m + mappings);
            return folio;
        }
    }
}
