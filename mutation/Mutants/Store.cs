using System.Text.Encodings.Web;
using System.Text.Json;

namespace FolioCheck.Mutants;

/// <summary>
/// The files of a model: results of this checkout's own runs, one file a source file, in a folder that git ignores; the committed pages; and
/// the classes of survivors, which people write.
/// </summary>
public sealed class Store(string root, Target target)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string _pages = Path.Combine(root, "mutation", "stryker");

    /// <summary>Folder for everything that is not committed.</summary>
    public string Scratch { get; } = Path.Combine(root, "StrykerOutput", target.Name);

    /// <summary>Text of a source file.</summary>
    public string Source(string file) => File.ReadAllText(Path.Combine(root, target.Folder, file));

    /// <summary>The result of a run of this checkout, if the file has not changed since.</summary>
    public FileResult? Finished(string file)
    {
        string path = FinishedPath(file);
        FileResult? result = File.Exists(path) ? JsonSerializer.Deserialize<FileResult>(File.ReadAllText(path), _json) : null;
        return result?.Sha256 == FileResult.Hash(Source(file)) ? result : null;
    }

    /// <summary>Keeps a result, so that a run that is ended goes on behind it.</summary>
    public void Finish(FileResult result) => Write(FinishedPath(result.File), JsonSerializer.Serialize(result, _json));

    /// <summary>What the pages were made of, with the classes as they are now.</summary>
    public Results Committed()
    {
        string path = Path.Combine(_pages, target.Name + ".json");
        string classes = Path.Combine(_pages, target.Name + "-survivors.json");
        return new Results(Read<FileResult>(path), Read<SurvivorClass>(classes));
    }

    /// <summary>Writes both pages.</summary>
    public void Commit(Results results)
    {
        Write(Path.Combine(_pages, target.Name + ".json"), JsonSerializer.Serialize(results.Files, _json));
        Write(Path.Combine(_pages, target.Name + ".md"), Page.Write(target, results));
    }

    private string FinishedPath(string file) => Path.Combine(Scratch, "finished", file + ".json");

    private static List<T> Read<T>(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<List<T>>(File.ReadAllText(path), _json)! : [];

    /// <summary>A kill leaves the old file or the new one.</summary>
    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".tmp", text.TrimEnd('\n') + "\n");
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
