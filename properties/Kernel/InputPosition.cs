using FolioCheck.Properties;

namespace FolioCheck.Kernel;

/// <summary>A line of an input file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">Line number from 1; 0 is the file as a whole.</param>
internal sealed record InputPosition(string Path, int Line)
{
    public BadInputException Error(string reason) => new(Path, Line, reason);
}
