using System.Text;

namespace FolioCheck.Mutation;

/// <summary>Finds a piece of source text however it is indented and broken into lines.</summary>
internal static class Snippet
{
    /// <summary>The text with every run of white space as one space, and none at the ends.</summary>
    public static string Normalise(string text) => Normalise(text, []).Trim();

    /// <summary>The places at which a snippet stands in a text: first character and length, both in the text as it is.</summary>
    public static IReadOnlyList<(int Start, int Length)> Find(string text, string snippet)
    {
        var positions = new List<int>();
        string normal = Normalise(text, positions);
        string wanted = Normalise(snippet);
        var found = new List<(int, int)>();
        for (int at = normal.IndexOf(wanted, StringComparison.Ordinal); at >= 0; at = normal.IndexOf(wanted, at + 1, StringComparison.Ordinal))
        {
            int start = positions[at];
            found.Add((start, positions[at + wanted.Length - 1] + 1 - start));
        }
        return found;
    }

    /// <summary>Collapses white space; notes for each character that is left where it stood.</summary>
    private static string Normalise(string text, List<int> positions)
    {
        var normal = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            bool space = char.IsWhiteSpace(text[i]);
            if (space && normal.Length > 0 && normal[^1] == ' ')
                continue;
            normal.Append(space ? ' ' : text[i]);
            positions.Add(i);
        }
        return normal.ToString();
    }
}
