using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>A system that is checked: how to make one, what it can be asked to do and what it shows.</summary>
/// <param name="Create">Makes one. The observations have the parts that <see cref="Observed"/> names, and no others.</param>
public sealed record SystemUnderTest(MemorySystemFactory Create)
{
    /// <summary>What may be drawn for it.</summary>
    public OperationSubset Operations { get; init; } = OperationSubset.All;

    /// <summary>What of its observations is compared.</summary>
    public ObservationSubset Observed { get; init; } = ObservationSubset.Complete;

    /// <summary>Whether invariants and step properties can be judged: they look at whole states.</summary>
    public bool JudgesSteps => Observed.IsComplete;

    /// <summary>Whether laws can be judged: they add operations of their own besides.</summary>
    public bool JudgesLaws => Observed.IsComplete && Operations.IsComplete;

    /// <summary>The properties that can be judged on it.</summary>
    public IReadOnlyList<Property> Properties => [.. Catalogue.All.Where(property => property is Law ? JudgesLaws : JudgesSteps)];
}
