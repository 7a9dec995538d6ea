using FolioCheck.Reference;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What is explored.</summary>
/// <param name="Tested">Makes the tested system.</param>
public sealed record ExploredSystem(MemorySystemFactory Tested)
{
    /// <summary>Another reference than the sound one, to test the reference itself.</summary>
    public MemorySystemFactory Reference { get; init; } = ReferenceMemory.Create;

    /// <summary>Fields of the tested system that are no state, as "Type.Field": caches and running numbers.</summary>
    public IReadOnlySet<string> Ignored { get; init; } = new HashSet<string>();
}
