using System.Reflection;

namespace FolioCheck.Mutation;

/// <summary>Files of the repository that were built into this assembly, by their paths from its root.</summary>
internal static class EmbeddedFiles
{
    private static readonly Assembly _assembly = typeof(EmbeddedFiles).Assembly;

    /// <summary>Paths of the files in a folder, in order.</summary>
    public static IEnumerable<string> In(string folder) =>
        _assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>The text of a file.</summary>
    public static string Read(string path)
    {
        using Stream stream = _assembly.GetManifestResourceStream(path) ?? throw new FileNotFoundException("not built into this assembly", path);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
