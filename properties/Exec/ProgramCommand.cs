namespace FolioCheck.Exec;

/// <summary>How to run a program that is checked.</summary>
/// <param name="FileName">The program: a path, or a name that is looked up as the shell does.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record ProgramCommand(string FileName, params IReadOnlyList<string> Arguments)
{
    /// <summary>Time for one answer.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes in the longest answer.</summary>
    public int LongestAnswer { get; init; } = 64 << 20;
}
