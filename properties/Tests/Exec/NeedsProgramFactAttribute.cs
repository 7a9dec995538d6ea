using Xunit;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>A test that is skipped, and says so, where a program is not on the PATH.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsProgramFactAttribute : FactAttribute
{
    public NeedsProgramFactAttribute(string program) => Skip = Programs.WhyMissing(program);
}

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsProgramTheoryAttribute : TheoryAttribute
{
    public NeedsProgramTheoryAttribute(string program) => Skip = Programs.WhyMissing(program);
}

internal static class Programs
{
    public const string Compiler = "cc";

    public const string Shell = "sh";

    /// <summary>Why a test cannot run, or null.</summary>
    public static string? WhyMissing(string program)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Any(folder => File.Exists(Path.Combine(folder, program))) ? null : $"{program} is not on the PATH";
    }
}
