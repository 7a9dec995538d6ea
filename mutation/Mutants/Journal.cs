using System.Globalization;

namespace FolioCheck.Mutants;

/// <summary>How mutants ended so far, a line each: a run that was killed goes on behind it.</summary>
public sealed class Journal
{
    private readonly string _path;
    private readonly Dictionary<(string Suite, int Id), MutantEnd> _ends = [];

    /// <summary>Opens a journal, or begins a new one.</summary>
    /// <param name="folder">Where it is, beside those of other keys.</param>
    /// <param name="key">Says what it is about: an assembly with mutants, a suite and a corpus.</param>
    public Journal(string folder, string key)
    {
        _path = Path.Combine(folder, $"journal-{key[..16]}");
        string[] lines = File.Exists(_path) ? File.ReadAllLines(_path) : [];
        foreach (string[] words in lines.Select(line => line.Split(' ')))
        {
            // The last line of a killed run may be short.
            if (words is [string suite, string id, string end] && Enum.TryParse(end, out MutantEnd known))
                _ends[(suite, int.Parse(id, CultureInfo.InvariantCulture))] = known;
        }
    }

    /// <summary>How a mutant ended; null if it is not known.</summary>
    public MutantEnd? Find(string suite, int id) => _ends.TryGetValue((suite, id), out MutantEnd end) ? end : null;

    /// <summary>Writes down how a mutant ended.</summary>
    public void Add(string suite, int id, MutantEnd end)
    {
        _ends[(suite, id)] = end;
        File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture, $"{suite} {id} {end}\n"));
    }
}
