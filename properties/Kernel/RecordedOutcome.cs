using System.Globalization;
using FolioCheck.Vocabulary;

namespace FolioCheck.Kernel;

/// <summary>The kinds of <see cref="RecordedOutcome"/>.</summary>
public enum RecordedOutcomeKind
{
    /// <summary><c>ok</c>: fork and exit.</summary>
    Done,

    /// <summary><c>ok N</c>: the value returned, or the token read.</summary>
    Value,

    /// <summary><c>err N</c>: the error number.</summary>
    Error,

    /// <summary><c>sig N</c>: the number of the signal that the access was answered by.</summary>
    Signal,

    /// <summary>Something that no kernel answers. Never recorded; a model may say it.</summary>
    NotOfAKernel,
}

/// <summary>What the caller of a recorded operation saw.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Number">The value, error number or signal number.</param>
public readonly record struct RecordedOutcome(RecordedOutcomeKind Kind, long Number)
{
    private const int SignalSegv = 11;
    private const int SignalBus = 7;

    /// <summary>The outcome of a system in the words of a transcript.</summary>
    /// <param name="operation">What the system did.</param>
    /// <param name="outcome">What its caller saw.</param>
    public static RecordedOutcome Of(in Operation operation, Outcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Ok when operation.Kind is OperationKind.Fork or OperationKind.Exit => new(RecordedOutcomeKind.Done, outcome.Value),
        // vmsplice and process_vm_readv count bytes.
        OutcomeKind.Ok when operation.Kind is OperationKind.Get or OperationKind.ReadRemote => new(RecordedOutcomeKind.Value, outcome.Value * 4096L),
        OutcomeKind.Ok => new(RecordedOutcomeKind.Value, outcome.Value),
        OutcomeKind.Errno => new(RecordedOutcomeKind.Error, outcome.Value),
        OutcomeKind.SegmentationFault => new(RecordedOutcomeKind.Signal, SignalSegv),
        OutcomeKind.BusError => new(RecordedOutcomeKind.Signal, SignalBus),
        _ => new(RecordedOutcomeKind.NotOfAKernel, (long)outcome.Kind),
    };

    /// <summary>Reads <c>ok</c>, <c>ok N</c>, <c>err N</c> or <c>sig N</c>; null for anything else.</summary>
    public static RecordedOutcome? Parse(string text)
    {
        if (text == "ok")
            return new RecordedOutcome(RecordedOutcomeKind.Done, 0);
        string[] words = text.Split(' ');
        if (words.Length != 2 || !long.TryParse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            return null;
        return words[0] switch
        {
            "ok" => new RecordedOutcome(RecordedOutcomeKind.Value, number),
            "err" when number > 0 => new RecordedOutcome(RecordedOutcomeKind.Error, number),
            "sig" when number > 0 => new RecordedOutcome(RecordedOutcomeKind.Signal, number),
            _ => null,
        };
    }

    /// <summary>The outcome as the transcript writes it.</summary>
    public override string ToString() => Kind switch
    {
        RecordedOutcomeKind.Done when Number == 0 => "ok",
        RecordedOutcomeKind.Done or RecordedOutcomeKind.Value => string.Create(CultureInfo.InvariantCulture, $"ok {Number}"),
        RecordedOutcomeKind.Error => string.Create(CultureInfo.InvariantCulture, $"err {Number}"),
        RecordedOutcomeKind.Signal => string.Create(CultureInfo.InvariantCulture, $"sig {Number}"),
        _ => ((OutcomeKind)Number).ToString(),
    };
}
