using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>
/// Writes down a system under test as a transcript would: the changes of the counters and the state after each operation. It remembers the
/// picture before, because changes, and the flag K, are about two pictures.
/// </summary>
/// <param name="quirks">What pagemap shows of it.</param>
internal sealed class Transcriber(Quirks quirks)
{
    private Dictionary<string, long> _counters = [];
    private Dictionary<(int Process, long Page), long> _frames = [];

    /// <summary>Takes the picture of a new system, before the first operation.</summary>
    public void Begin(Observation observation) => Next(observation);

    /// <summary>Takes the picture after an operation.</summary>
    public (IReadOnlyDictionary<string, long> Deltas, RecordedState State) Next(Observation observation)
    {
        var memory = new ObservedMemory(observation);
        Dictionary<string, long> deltas = Deltas(memory.Counters);
        var frames = new Dictionary<(int Process, long Page), long>();
        RecordedState state = new StateTranscription(memory, quirks, _frames, frames).Write();
        _counters = memory.Counters;
        _frames = frames;
        return (deltas, state);
    }

    private Dictionary<string, long> Deltas(Dictionary<string, long> counters)
    {
        var deltas = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach ((string name, long value) in counters)
        {
            long delta = value - _counters.GetValueOrDefault(name);
            if (delta != 0)
                deltas.Add(name, delta);
        }
        return deltas;
    }
}
