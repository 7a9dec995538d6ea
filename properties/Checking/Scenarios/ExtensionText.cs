using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Extensions as scenarios, options and planted bugs name them.</summary>
public static class ExtensionText
{
    private static readonly (Extensions Extension, string Name)[] _names =
    [
        (Extensions.InPlaceCollapse, "in-place-collapse"), (Extensions.ReformByMigration, "reform-by-migration"), (Extensions.LazyZeroing, "lazy-zeroing"),
        (Extensions.AccessDetection, "access-detection"),
    ];

    /// <summary>The name of each extension.</summary>
    public static IEnumerable<string> Names => _names.Select(pair => pair.Name);

    /// <summary>The names of some extensions, with commas between them; empty for none.</summary>
    public static string NameOf(Extensions extensions) =>
        string.Join(',', _names.Where(pair => (extensions & pair.Extension) != 0).Select(pair => pair.Name));

    /// <summary>The reverse of <see cref="NameOf"/>; null if a name is none of an extension.</summary>
    public static Extensions? Parse(string text)
    {
        var extensions = Extensions.None;
        foreach (string word in text.Split(','))
        {
            int extension = Array.FindIndex(_names, pair => pair.Name == word);
            if (extension < 0)
                return null;
            extensions |= _names[extension].Extension;
        }
        return extensions;
    }
}
