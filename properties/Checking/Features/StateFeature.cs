using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>Whether a step shows a feature.</summary>
public delegate bool StepSight(Scene scene);

/// <summary>Whether a large folio shows a feature after a step.</summary>
public delegate bool FolioSight(Scene scene, in FolioFacts folio);

/// <summary>
/// A fact worth meeting: a state, or something done in a state, where rules of large folios can go wrong. Runs count how often they met each,
/// so that "nothing failed" says what was tried.
/// </summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Description">What it is, in one sentence.</param>
public abstract record StateFeature(string Name, string Description)
{
    /// <summary>The name of another feature that this one mostly follows from; null where none is nearer than any scenario.</summary>
    public string? FollowsFrom { get; init; }

    /// <summary>Operations that bring it about, in the words of <see cref="OperationText.KindName"/>.</summary>
    public IReadOnlyList<string> Favoured { get; init; } = [];

    /// <summary>Machines on which a run of the default size promises to meet it.</summary>
    public IReadOnlyList<MachineChoice> PromisedOn { get; init; } = [MachineChoice.Default, MachineChoice.Tiny, MachineChoice.Large];
}

/// <summary>A feature of a step: what an operation of certain kinds meets or does. It is looked for where the operation changed something.</summary>
public sealed record StepFeature : StateFeature
{
    /// <summary>A feature.</summary>
    public StepFeature(string name, string description, IReadOnlyList<OperationKind> kinds, StepSight sees)
        : base(name, description)
    {
        Kinds = kinds;
        Sees = sees;
    }

    /// <summary>Kinds of operation that may show it.</summary>
    public IReadOnlyList<OperationKind> Kinds { get; }

    /// <summary>Whether a step shows it.</summary>
    public StepSight Sees { get; }
}

/// <summary>A feature of some large folio after an operation that changed something.</summary>
public sealed record FolioFeature(string Name, string Description, FolioSight Sees) : StateFeature(Name, Description);
