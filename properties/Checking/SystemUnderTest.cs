using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>A system that is checked: how to make one, what it can be asked to do and what it shows.</summary>
/// <param name="Create">Makes one. The observations have the parts that <see cref="Observed"/> names, and no others.</param>
public sealed record SystemUnderTest(MemorySystemFactory Create)
{
    /// <summary>Makes one that tells its micro-steps; null if it tells none.</summary>
    public ObservedMemorySystemFactory? CreateTraced { get; init; }

    /// <summary>Number of the only law that is judged; null for all.</summary>
    public int? OnlyLaw { get; init; }

    /// <summary>What may be drawn for it.</summary>
    public OperationSubset Operations { get; init; } = OperationSubset.All;

    /// <summary>What of its observations is compared.</summary>
    public ObservationSubset Observed { get; init; } = ObservationSubset.Complete;

    /// <summary>Whether invariants and step properties can be judged: they look at whole states.</summary>
    public bool JudgesSteps => Observed.IsComplete;

    /// <summary>Whether micro-steps can be judged: they are held against whole states, too.</summary>
    public bool JudgesMicroSteps => CreateTraced is not null && JudgesSteps;

    /// <summary>Whether laws can be judged: they add operations of their own besides.</summary>
    public bool JudgesLaws => Observed.IsComplete && Operations.IsComplete;

    /// <summary>The properties that can be judged on it.</summary>
    public IReadOnlyList<Property> Properties =>
    [
        .. Catalogue.All.Where(property => property switch
        {
            Law => JudgesLaws && (OnlyLaw ?? property.Number) == property.Number,
            EventProperty => JudgesMicroSteps,
            _ => JudgesSteps,
        }),
    ];
}
