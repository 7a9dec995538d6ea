namespace FolioCheck.Kernel;

/// <summary>A field that the kernel and a system under test show differently.</summary>
/// <param name="Path">Which one: <c>procs[slot 1].vmas[0x801].pg[3].flags</c>.</param>
/// <param name="Kernel">The recorded value.</param>
/// <param name="Model">The system's value.</param>
public sealed record FieldDifference(string Path, string Kernel, string Model)
{
    /// <summary>The difference in one line.</summary>
    public override string ToString() => $"{Path}: kernel {Kernel}, model {Model}";
}
