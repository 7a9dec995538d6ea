using FolioCheck.Kernel;
using FolioCheck.Vocabulary;

namespace FolioCheck.Mutation;

/// <summary>Transcripts recorded from a kernel, read once and held against many systems.</summary>
public sealed class RecordedCorpus
{
    private readonly List<(string Name, TranscriptHeader Header, List<TranscriptRecord> Records)> _transcripts = [];

    /// <summary>Reads every transcript of a folder.</summary>
    /// <exception cref="Properties.BadInputException">A file is broken.</exception>
    public RecordedCorpus(string folder)
    {
        foreach (string path in Directory.GetFiles(folder, "*.jsonl.gz").Order(StringComparer.Ordinal))
        {
            using Transcript transcript = Transcript.Open(path);
            _transcripts.Add((Path.GetFileName(path).Split('.')[0], transcript.Header, Modelled(transcript)));
        }
    }

    /// <summary>How many transcripts there are.</summary>
    public int Count => _transcripts.Count;

    /// <summary>The first transcript that a system disagrees with, and where; null if it agrees with all.</summary>
    public string? Disagreement(MemorySystemFactory system)
    {
        foreach ((string name, TranscriptHeader header, List<TranscriptRecord> records) in _transcripts)
        {
            if (Disagreement(header, records, system) is string where)
                return $"{name}, {where}";
        }
        return null;
    }

    private static string? Disagreement(TranscriptHeader header, List<TranscriptRecord> records, MemorySystemFactory system)
    {
        var replay = new TranscriptReplay(header, system);
        foreach (TranscriptRecord record in records)
        {
            try
            {
                replay.Step(record);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                return $"step {record.Index}: the system threw {exception.GetType().Name}";
            }
            if (replay.Stopped)
                break;
        }
        return replay.Result.Stop is ReplayStop.Differs differs ? $"step {differs.Step}: {differs.First.Path}" : null;
    }

    /// <summary>The records up to the first that the models do not cover: no replay looks at the rest.</summary>
    private static List<TranscriptRecord> Modelled(Transcript transcript)
    {
        var records = new List<TranscriptRecord>();
        foreach (TranscriptRecord record in transcript.Records())
        {
            if (OperationTranslation.Translate(record.Operation).Reason is not null || ModelledStates.WhyNot(record.State) is not null)
                break;
            records.Add(record);
        }
        return records;
    }
}
