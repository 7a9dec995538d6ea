namespace FolioCheck.Properties;

/// <summary>The names of flags in files and options, with commas between them.</summary>
/// <param name="names">Each flag with its name.</param>
internal sealed class FlagNames<TFlags>(params (TFlags Flag, string Name)[] names)
    where TFlags : struct, Enum
{
    /// <summary>The name of each flag.</summary>
    public IEnumerable<string> All => names.Select(pair => pair.Name);

    /// <summary>The names of the flags that are set; empty for none.</summary>
    public string Of(TFlags flags) => string.Join(',', names.Where(pair => flags.HasFlag(pair.Flag)).Select(pair => pair.Name));

    /// <summary>The reverse of <see cref="Of"/>; null if a name is none of a flag.</summary>
    public TFlags? Parse(string text)
    {
        int flags = 0;
        foreach (string word in text.Split(','))
        {
            int place = Array.FindIndex(names, pair => pair.Name == word);
            if (place < 0)
                return null;
            flags |= Convert.ToInt32(names[place].Flag, System.Globalization.CultureInfo.InvariantCulture);
        }
        return (TFlags)Enum.ToObject(typeof(TFlags), flags);
    }
}
