using FolioCheck.Properties;

namespace FolioCheck.Exec;

/// <summary>What can be wrong with a program, other than that it does not do what the reference does.</summary>
public static class ProgramFailure
{
    /// <summary>There is no such program, or it may not be run.</summary>
    public const string NotStarted = "program not started";

    /// <summary>It ended while it was still needed.</summary>
    public const string Ended = "program ended";

    /// <summary>It did not answer in time.</summary>
    public const string TimeLimit = "time limit";

    /// <summary>Its answer does not end.</summary>
    public const string TooLong = "answer too long";

    /// <summary>Its answer is not JSON.</summary>
    public const string NotJson = "answer is not JSON";

    /// <summary>Its answer is JSON, but not what the protocol asks for.</summary>
    public const string WrongAnswer = "answer is wrong";

    /// <summary>It says by itself that it cannot do what it was asked.</summary>
    public const string Refused = "program refused";

    internal static SystemFailureException Wrong(string message) => new(WrongAnswer, message);
}
