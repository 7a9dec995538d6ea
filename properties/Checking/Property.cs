using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Counts how often a property's premise held: how often it really said something.</summary>
public sealed class Premise
{
    /// <summary>How often it held.</summary>
    public long Held { get; private set; }

    /// <summary>It held.</summary>
    public void Holds(long times = 1) => Held += times;
}

/// <summary>One operation with the states around it.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Thp">THP settings before the operation.</param>
/// <param name="FailingOrders">Orders whose next allocation fails, before the operation.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Outcome">Its outcome.</param>
/// <param name="Before">State before.</param>
/// <param name="After">State after.</param>
/// <param name="Events">Micro-steps of the operation; empty when the run does not record them.</param>
public readonly record struct Step(
    Machine Machine,
    ThpPolicy Thp,
    IReadOnlySet<int> FailingOrders,
    Operation Operation,
    Outcome Outcome,
    MemoryState Before,
    MemoryState After,
    IReadOnlyList<MemoryEvent> Events);

/// <summary>Checks one state. Returns what is wrong, or null.</summary>
public delegate string? StateCheck(MemoryState state, Premise premise);

/// <summary>Checks one step. Returns what is wrong, or null.</summary>
public delegate string? StepCheck(in Step step, Premise premise);

/// <summary>Checks a relation between runs of a scenario. Returns what is wrong, or null.</summary>
public delegate string? LawCheck(Scenario scenario, MemorySystemFactory factory, Premise premise);

/// <summary>A named property of SPECIFICATION.md 13b.</summary>
/// <param name="Number">Its number there.</param>
/// <param name="Name">What it says, in a few words.</param>
/// <param name="Section">The section of SPECIFICATION.md that explains it.</param>
public abstract record Property(int Number, string Name, string Section)
{
    /// <summary>How failures name it.</summary>
    public string Title => $"property {Number}, {Name} (SPECIFICATION.md 13b, {Section})";
}

/// <summary>A property of every single state.</summary>
public sealed record Invariant(int Number, string Name, string Section, StateCheck Check) : Property(Number, Name, Section);

/// <summary>A property of every step.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">What it says.</param>
/// <param name="Section">Where it is explained.</param>
/// <param name="Begin">Makes the check for one run; a check with a memory makes a new one each time.</param>
public sealed record StepProperty(int Number, string Name, string Section, Func<StepCheck> Begin) : Property(Number, Name, Section);

/// <summary>A property of the micro-steps within each step: the run must record them.</summary>
public sealed record EventProperty(int Number, string Name, string Section, Func<StepCheck> Begin) : Property(Number, Name, Section);

/// <summary>A relation between two runs.</summary>
public sealed record Law(int Number, string Name, string Section, LawCheck Check) : Property(Number, Name, Section);
