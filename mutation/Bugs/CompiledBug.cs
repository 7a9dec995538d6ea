using System.Reflection;
using System.Runtime.Loader;
using FolioCheck.Vocabulary;

namespace FolioCheck.Mutation;

/// <summary>A system with a planted bug, loaded beside the sound one. Disposing it lets the runtime unload it.</summary>
public sealed class CompiledBug : IDisposable
{
    private readonly AssemblyLoadContext _context;

    private CompiledBug(AssemblyLoadContext context, PlantedBug bug, Type type)
    {
        _context = context;
        Bug = bug;
        Create = type.GetMethod("Create", [typeof(Machine)])!.CreateDelegate<MemorySystemFactory>();
        MethodInfo observed = type.GetMethod("Create", [typeof(Machine), typeof(IList<MemoryEvent>)])!;
        CreateObserved = BoundedEvents.Bound(observed.CreateDelegate<ObservedMemorySystemFactory>());
    }

    /// <summary>The bug in it.</summary>
    public PlantedBug Bug { get; }

    /// <summary>Makes a system with the bug.</summary>
    public MemorySystemFactory Create { get; }

    /// <summary>Makes a system with the bug that reports its micro-steps.</summary>
    public ObservedMemorySystemFactory CreateObserved { get; }

    /// <inheritdoc/>
    public void Dispose() => _context.Unload();

    internal static CompiledBug Load(PlantedBug bug, Stream image, string type)
    {
        // Whatever it refers to, the vocabulary above all, comes from the running process.
        var context = new AssemblyLoadContext(bug.Id, isCollectible: true);
        return new CompiledBug(context, bug, context.LoadFromStream(image).GetType(type, throwOnError: true)!);
    }
}
