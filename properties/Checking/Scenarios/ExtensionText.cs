using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Extensions as scenarios, options and planted bugs name them.</summary>
public static class ExtensionText
{
    private static readonly FlagNames<Extensions> _names = new(
        (Extensions.InPlaceCollapse, "in-place-collapse"), (Extensions.ReformByMigration, "reform-by-migration"), (Extensions.LazyZeroing, "lazy-zeroing"),
        (Extensions.AccessDetection, "access-detection"));

    /// <summary>The name of each extension.</summary>
    public static IEnumerable<string> Names => _names.All;

    /// <summary>The names of some extensions, with commas between them; empty for none.</summary>
    public static string NameOf(Extensions extensions) => _names.Of(extensions);

    /// <summary>The reverse of <see cref="NameOf"/>; null if a name is none of an extension.</summary>
    public static Extensions? Parse(string text) => _names.Parse(text);
}
