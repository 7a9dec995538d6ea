using System.Globalization;

namespace FolioCheck.Mutants;

/// <summary>How mutants ended so far, a line each: a run that was killed goes on behind it. It belongs to one assembly with mutants and one suite.</summary>
public sealed class Journal
{
    private readonly string _path;
    private readonly Dictionary<(string Suite, int Id), MutantEnd> _ends = [];

    /// <summary>Opens a journal, or begins a new one.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="key">Says what it is about: another key begins anew.</param>
    public Journal(string path, string key)
    {
        _path = path;
        string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (lines.Length == 0 || lines[0] != key)
        {
            File.WriteAllText(path, key + "\n");
            return;
        }
        foreach (string[] words in lines.Skip(1).Select(line => line.Split(' ')))
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
