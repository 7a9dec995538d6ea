using FolioCheck.Vocabulary;

namespace FolioCheck.Properties;

/// <summary>What one operation cost.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Outcome">What its caller saw.</param>
/// <param name="Counts">What happened in it.</param>
/// <param name="Rss">Pages that all processes together have mapped after it.</param>
public readonly record struct OperationCost(Operation Operation, Outcome Outcome, EventCounts Counts, long Rss);
