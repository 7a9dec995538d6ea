using System.Text.Encodings.Web;
using System.Text.Json;

namespace FolioCheck.Mutants;

/// <summary>
/// The files of a model: the committed pages, and the classes of survivors, which people write.
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
