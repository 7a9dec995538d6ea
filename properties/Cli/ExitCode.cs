namespace FolioCheck.Cli;

/// <summary>Exit codes of the command.</summary>
public static class ExitCode
{
    /// <summary>Everything that was checked held.</summary>
    public const int Held = 0;

    /// <summary>A property failed, or two systems differ.</summary>
    public const int Failed = 1;

    /// <summary>Nothing failed, but less was checked than was promised.</summary>
    public const int Inconclusive = 2;

    /// <summary>Bad usage.</summary>
    public const int Usage = 64;

    /// <summary>Bad input data.</summary>
    public const int BadInput = 65;

    /// <summary>The system to be checked is not available here.</summary>
    public const int Unavailable = 69;

    /// <summary>An error of the program itself.</summary>
    public const int Internal = 70;

    /// <summary>A file could not be written.</summary>
    public const int CannotWrite = 73;
}
