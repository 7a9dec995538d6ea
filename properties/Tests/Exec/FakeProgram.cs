using FolioCheck.Exec;
using FolioCheck.Vocabulary;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>A program of a few lines of shell: it greets, takes a machine, and then answers as a test says.</summary>
internal static class FakeProgram
{
    /// <summary>A program that shows nothing but outcomes.</summary>
    public const string OutcomesOnly = """{"protocol":1,"name":"fake","operations":["*"],"orders":[0],"observes":[]}""";

    /// <summary>A scenario of one call.</summary>
    public static Scenario OneCall { get; } = new(new Machine { EntriesPerTable = 8, ContPteEntries = 4, Frames = 64 }, [Operation.Mmap(0, 0, 4)]);

    /// <summary>The command of a program.</summary>
    /// <param name="greeting">What it says when it is greeted.</param>
    /// <param name="observe">Shell commands that answer <c>observe</c>.</param>
    /// <param name="apply">Shell commands that answer an operation.</param>
    public static ProgramCommand Command(string greeting, string observe, string apply)
    {
        string script = $"""
            while read -r line; do
              case "$line" in
                foliocheck*) echo '{greeting}' ;;
                reset|machine*|thp*) echo '{"{}"}' ;;
                observe) {observe} ;;
                *) {apply} ;;
              esac
            done
            """;
        return new ProgramCommand("sh", "-c", script) { TimeLimit = TimeSpan.FromSeconds(30), LongestAnswer = 1 << 20 };
    }

    /// <summary>A shell command that prints a line.</summary>
    public static string Say(string line) => $"echo '{line}'";

    /// <summary>Checks a program on one call, without properties.</summary>
    public static Failure? Check(ProgramCommand command)
    {
        using ExecSystem system = ExecSystem.Start(command);
        return new LockstepRun(system.UnderTest.Create, compared: system.UnderTest.Observed).Run(OneCall);
    }
}
