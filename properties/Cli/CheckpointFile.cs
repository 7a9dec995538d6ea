using System.Text.Json;
using System.Text.Json.Nodes;
using FolioCheck.Properties;

namespace FolioCheck.Cli;

/// <summary>The file of <c>--checkpoint</c>: what run it is of, and where that stands. A run that is killed goes on from it.</summary>
/// <param name="path">The file.</param>
/// <param name="run">The run that is asked for.</param>
internal sealed class CheckpointFile(string path, RunRecord run)
{
    /// <summary>Time that the run took before it was killed.</summary>
    public TimeSpan Before { get; private set; }

    /// <summary>Why the file could not be written; null while it could.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads where the run stands; where there is no file, it begins.</summary>
    /// <exception cref="FormatException">The file is no checkpoint, or one of another run.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public CampaignCheckpoint Open(Guide guide)
    {
        if (!File.Exists(path))
            return new CampaignCheckpoint(guide);
        try
        {
            JsonObject file = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new FormatException("no checkpoint");
            RunRecord written = RunRecord.Read(file["run"]);
            if (written.DifferenceFrom(run) is string difference)
                throw new FormatException($"a checkpoint of another run: {difference}");
            if (written.Shard != run.Shard)
                throw new FormatException($"a checkpoint of another run: shard {written.Shard}, not {run.Shard}");
            Before = TimeSpan.FromSeconds(file["seconds"]?.GetValue<double>() ?? 0);
            return CampaignText.ReadCheckpoint(file["checkpoint"], guide);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or OverflowException)
        {
            throw new FormatException("no checkpoint: " + exception.Message);
        }
    }

    /// <summary>Writes where the run stands; a file that cannot be written is remembered, and the run goes on.</summary>
    public void Write(CampaignCheckpoint checkpoint, TimeSpan elapsed)
    {
        var file = new JsonObject { ["run"] = run.Write(), ["seconds"] = elapsed.TotalSeconds, ["checkpoint"] = CampaignText.Write(checkpoint) };
        Problem = AtomicFile.TryWrite(path, file.ToJsonString() + "\n");
    }
}
