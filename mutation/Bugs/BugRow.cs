using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>What hunts for one bug found.</summary>
/// <param name="Bug">The bug.</param>
/// <param name="Hunts">The hunts, one for each seed from 1; the first was shrunk.</param>
/// <param name="Alone">For a bug of the reference: what holds the reference besides the implementation.</param>
public sealed record BugRow(PlantedBug Bug, IReadOnlyList<HuntResult> Hunts, ReferenceGuards? Alone)
{
    /// <summary>The hunt with seed 1.</summary>
    public HuntResult First => Hunts[0];

    /// <summary>Whether every hunt caught it.</summary>
    public bool AlwaysCaught => Hunts.All(hunt => hunt.End == HuntEnd.Caught);

    /// <summary>Hunts that caught it.</summary>
    public int Caught => Hunts.Count(hunt => hunt.End == HuntEnd.Caught);

    /// <summary>Seeds whose hunts did not catch it.</summary>
    public IEnumerable<int> NotCaught => Enumerable.Range(1, Hunts.Count).Where(seed => Hunts[seed - 1].End != HuntEnd.Caught);

    /// <summary>The most operations that a hunt needed.</summary>
    public long WorstOperations => Hunts.Max(hunt => hunt.Operations);

    /// <summary>The middle one of the operations that the hunts needed; the lower of two.</summary>
    public long MedianOperations => Hunts.Select(hunt => hunt.Operations).Order().ElementAt((Hunts.Count - 1) / 2);
}

/// <summary>What catches a bug of the reference without an implementation to differ from.</summary>
/// <param name="Properties">Invariants, step properties, laws and event properties on the reference alone; that it throws does not count.</param>
/// <param name="AbstractMemory">Abstract memory against the reference alone.</param>
/// <param name="Transcript">The recorded transcript that disagrees first, and where; null if all agree, empty if none were looked at.</param>
public sealed record ReferenceGuards(HuntResult Properties, HuntResult AbstractMemory, string? Transcript);

/// <summary>What one property alone found of the bug that it must catch.</summary>
/// <param name="Property">The property.</param>
/// <param name="Bug">Its bug; null if none is known.</param>
/// <param name="Hunt">The hunt; null without a bug.</param>
public sealed record PropertyRow(Property Property, PlantedBug? Bug, HuntResult? Hunt);
