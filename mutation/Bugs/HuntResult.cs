using FolioCheck.Properties;

namespace FolioCheck.Mutation;

/// <summary>How a hunt ended.</summary>
public enum HuntEnd
{
    /// <summary>A check failed.</summary>
    Caught,

    /// <summary>Every check held until the budget was spent.</summary>
    Missed,

    /// <summary>The hunt did not end: some loop of the system with the bug is endless.</summary>
    TimedOut,
}

/// <summary>What a hunt found.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Operations">Operations applied until then.</param>
/// <param name="Failure">The check that failed; null if none did.</param>
/// <param name="Shrunk">The smallest scenario that still fails so; null without a failure, or when it was not asked for.</param>
public sealed record HuntResult(HuntEnd End, long Operations, Failure? Failure, Scenario? Shrunk)
{
    /// <summary>The check that failed and the field that it failed in, in few words.</summary>
    public string CaughtBy => End switch
    {
        HuntEnd.TimedOut => "timeout",
        HuntEnd.Missed => "nothing",
        _ => Words(Failure!),
    };

    private static string Words(Failure failure)
    {
        // "property 5, references equal mappings (SPECIFICATION.md 13b, 2 G5)" without where it is explained.
        string check = failure.Check.Split(" (SPEC")[0];
        return failure.Field.Length == 0 ? check : $"{check}, {failure.Field}";
    }
}
