using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>A number for an outcome and an observation: the same on every machine, and another one, nearly surely, if anything differs.</summary>
internal static class ObservationHash
{
    /// <summary>The hash.</summary>
    public static ulong Of(Outcome outcome, Observation observation)
    {
        ulong hash = Mix(0, ((long)outcome.Kind << 32) + outcome.Value);
        foreach (long item in observation.Items)
            hash = Mix(hash, item);
        return hash;
    }

    /// <summary>A hash of an outcome and of the micro-steps that led to it.</summary>
    public static ulong Of(Outcome outcome, List<MemoryEvent> events)
    {
        ulong hash = Mix((ulong)events.Count, ((long)outcome.Kind << 32) + outcome.Value);
        foreach (MemoryEvent step in events)
            hash = Mix(Mix(Mix(hash, ((long)step.Kind << 32) + step.Process), step.Page), ((long)step.Frame << 32) + step.Count);
        return hash;
    }

    /// <summary>One round of SplitMix64's finaliser.</summary>
    private static ulong Mix(ulong hash, long item)
    {
        unchecked
        {
            hash = (hash ^ (ulong)item) * 0xBF58476D1CE4E5B9UL;
            return hash ^ (hash >> 29);
        }
    }
}
