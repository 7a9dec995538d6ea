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
            return ledger.Folios.Count == step.After.Folios.Count ? null : $"{ledger.Folios.Count} folios live by the steps, {step.After.Folios.Count} by the state";
        };
    }

    /// <summary>68: at every moment a folio has at least as many references as mappings; an entry is cleared before its mapping is removed.</summary>
    public static StepCheck ReferenceBeforeMapping()
    {
        var ledger = new Ledger();
        return (in Step step, Premise premise) =>
        {
            var cleared = new HashSet<(int Process, long Page)>();
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
                if (e.Kind is EventKind.MapcountUp or EventKind.ReferenceDown)
                    premise.Holds();
                if (folio >= 0 && ledger.Folios.TryGetValue(folio, out var counts) && counts.References < counts.Mappings)
                    return $"folio at frame {folio}: {counts.Mappings} mappings and only {counts.References} references after {e}";
            }
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
                        _folioOfFrame[e.Frame + i] = e.Frame;
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
