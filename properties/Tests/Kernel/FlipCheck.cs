using System.IO.Compression;
using System.Text.Json.Nodes;
using FolioCheck.Kernel;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Kernel;

/// <summary>
/// Proves the alarm of a replay: flips each kind of value in one record of a transcript, and requires the replay to stop at exactly that
/// record, or not to notice a value that is not compared.
/// </summary>
internal sealed class FlipCheck
{
    private readonly string[] _lines;
    private readonly MemorySystemFactory _factory;
    private readonly ReplayResult _unflipped;

    /// <summary>Takes a transcript that the system agrees with.</summary>
    public FlipCheck(string transcript, MemorySystemFactory factory)
    {
        string path = RecordedTranscripts.PathOf(transcript);
        using var text = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        _lines = text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        _factory = factory;
        _unflipped = TranscriptReplay.Run(path, factory);
        Assert.False(_unflipped.Stop is ReplayStop.Differs, _unflipped.Stop.ToString());
    }

    /// <summary>
    /// Flips every kind of value in the record nearest to the beginning, the middle and the end that has it; what a record has once, in the
    /// middle.
    /// </summary>
    /// <returns>The kinds of value that were flipped.</returns>
    public HashSet<string> Run()
    {
        double[] choices = [0, 0.5, 1];
        IEnumerable<string> among = choices.SelectMany(choice => Flip(FieldFlips.Among(choice), choice));
        return [.. Flip(FieldFlips.Single(), 0.5), .. among];
    }

    private IEnumerable<string> Flip(IEnumerable<FieldFlip> flips, double where)
    {
        int[] steps = StepsFrom((int)(where * (_unflipped.Agreed - 1)));
        return flips.Where(flip => steps.Any(step => TryFlip(flip, step))).Select(flip => flip.Field);
    }

    private int[] StepsFrom(int first) =>
        [.. Enumerable.Range(0, _unflipped.Agreed).OrderBy(step => Math.Abs(step - first)).ThenBy(step => step)];

    private bool TryFlip(FieldFlip flip, int step)
    {
        JsonObject record = JsonNode.Parse(_lines[step + 1])!.AsObject();
        if (!flip.Apply(record))
            return false;
        string[] lines = [.. _lines];
        lines[step + 1] = record.ToJsonString();
        using var file = new TemporaryFile(string.Join('\n', lines) + "\n");
        ReplayResult result = TranscriptReplay.Run(file.Path, _factory);
        Assert.True(IsExpected(flip.Effect, step, result), $"{flip.Field} at step {step}: agreed {result.Agreed}, {result.Stop}");
        return true;
    }

    private bool IsExpected(FlipEffect effect, int step, ReplayResult result) => effect switch
    {
        FlipEffect.Difference => result.Agreed == step && result.Stop is ReplayStop.Differs stop && stop.Step == step && stop.All.Count > 0,
        FlipEffect.EndOfModel => result.Agreed == step && result.Stop is ReplayStop.NotModelled stop && stop.Step == step,
        _ => result.Agreed == _unflipped.Agreed && result.Stop.GetType() == _unflipped.Stop.GetType(),
    };
}
