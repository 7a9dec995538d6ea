namespace FolioCheck.Vocabulary;

/// <summary>
/// Whatever memory can be checked: the reference, an optimized implementation, a kernel, another program. A new system has
/// exactly one process, number 0, without mappings.
/// </summary>
public interface IMemorySystem
{
    /// <summary>Does one operation and says what its caller sees.</summary>
    Outcome Apply(in Operation operation);

    /// <summary>Replaces the content of <paramref name="observation"/> by the canonical picture of the present state.</summary>
    void Observe(Observation observation);
}

/// <summary>Makes a fresh system on a machine.</summary>
public delegate IMemorySystem MemorySystemFactory(Machine machine);

/// <summary>Makes a fresh system on a machine that reports its micro-steps.</summary>
public delegate IMemorySystem ObservedMemorySystemFactory(Machine machine, IList<MemoryEvent> events);
