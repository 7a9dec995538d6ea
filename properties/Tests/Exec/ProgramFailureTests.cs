using FolioCheck.Exec;
using Xunit;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>Each way in which a program can fail is a failure with a reason, soon, and not a hang.</summary>
public sealed class ProgramFailureTests
{
    private static Failure FailureOf(string apply, TimeSpan? limit = null)
    {
        ProgramCommand command = FakeProgram.Command(FakeProgram.OutcomesOnly, FakeProgram.Say("{}"), apply);
        return FakeProgram.Check(limit is TimeSpan time ? command with { TimeLimit = time } : command)!;
    }

    [NeedsProgramFact(Programs.Shell)]
    public void A_program_that_answers_right_is_no_failure() =>
        Assert.Null(FakeProgram.Check(FakeProgram.Command(FakeProgram.OutcomesOnly, FakeProgram.Say("{}"), FakeProgram.Say("""{"outcome":"ok"}"""))));

    [NeedsProgramTheory(Programs.Shell)]
    [InlineData("""{"outcome":"EINVAL"}""", "outcome", "EINVAL")]
    [InlineData("""{"outcome":"ok 5"}""", "outcome", "ok 5")]
    [InlineData("""{"outcome":"OOM 0"}""", "outcome", "OOM 0")]
    [InlineData("""{"outcome":"SIGSEGV"}""", "outcome", "SIGSEGV")]
    [InlineData("""{"outcome":"no process"}""", "outcome", "no process")]
    public void Another_outcome_is_a_difference(string answer, string field, string found)
    {
        Failure failure = FailureOf(FakeProgram.Say(answer));
        Assert.Equal(("lockstep", field, found), (failure.Check, failure.Field, failure.Found));
    }

    [NeedsProgramTheory(Programs.Shell)]
    [InlineData("hello", ProgramFailure.NotJson, "is not JSON: 'hello'")]
    [InlineData("", ProgramFailure.NotJson, "is not JSON: ''")]
    [InlineData("[]", ProgramFailure.WrongAnswer, "is not a JSON object: '[]'")]
    [InlineData("{}", ProgramFailure.WrongAnswer, "'outcome' is missing")]
    [InlineData("""{"outcome":"fine"}""", ProgramFailure.WrongAnswer, "\"fine\" is no outcome")]
    [InlineData("""{"outcome":"22"}""", ProgramFailure.WrongAnswer, "\"22\" is no outcome")]
    [InlineData("""{"outcome":0}""", ProgramFailure.WrongAnswer, "0 is no outcome")]
    [InlineData("""{"outcome":"ok","more":1}""", ProgramFailure.WrongAnswer, "'more' was not asked for")]
    [InlineData("""{"outcome":"ok","outcome":"ok"}""", ProgramFailure.WrongAnswer, "stands there twice")]
    [InlineData("""{"error":"not today"}""", ProgramFailure.Refused, "the program says: not today")]
    public void An_answer_that_is_none_is_named(string answer, string kind, string message)
    {
        Failure failure = FailureOf(FakeProgram.Say(answer));
        Assert.Equal(kind, failure.Field);
        Assert.Contains(message, failure.Expected, StringComparison.Ordinal);
        Assert.Contains("0 mmap(0x0, 4, rw)", failure.Expected, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Summary);
    }

    [NeedsProgramFact(Programs.Shell)]
    public void An_early_end_has_its_exit_code_and_last_words()
    {
        Failure failure = FailureOf("echo first >&2; echo 'page table is gone' >&2; exit 3");
        Assert.Equal(ProgramFailure.Ended, failure.Field);
        Assert.Contains("exit code 3", failure.Expected, StringComparison.Ordinal);
        Assert.EndsWith("first | page table is gone", failure.Expected, StringComparison.Ordinal);
    }

    [NeedsProgramFact(Programs.Shell)]
    public void A_program_that_writes_much_to_standard_error_goes_on()
    {
        string chatter = "i=0; while [ $i -lt 3000 ]; do echo 'a line that nobody reads, and far too many of them, to fill any pipe' >&2; i=$((i+1)); done; ";
        Failure? failure = FakeProgram.Check(
            FakeProgram.Command(FakeProgram.OutcomesOnly, FakeProgram.Say("{}"), chatter + FakeProgram.Say("""{"outcome":"ok"}""")));
        Assert.Null(failure);
    }

    [NeedsProgramFact(Programs.Shell)]
    public void No_answer_is_a_time_limit_not_a_hang()
    {
        Failure failure = FailureOf("sleep 600", TimeSpan.FromSeconds(3));
        Assert.Equal(ProgramFailure.TimeLimit, failure.Field);
        Assert.Contains("no answer to '0 mmap(0x0, 4, rw)' within 3 s", failure.Expected, StringComparison.Ordinal);
    }

    [NeedsProgramFact(Programs.Shell)]
    public void An_answer_without_an_end_is_cut_off()
    {
        Failure failure = FailureOf("cat /dev/zero");
        Assert.Equal(ProgramFailure.TooLong, failure.Field);
        Assert.Contains("more than 1048576 bytes", failure.Expected, StringComparison.Ordinal);
    }

    [NeedsProgramFact(Programs.Shell)]
    public void Two_answers_to_one_line_are_one_too_many()
    {
        Failure failure = FailureOf("""printf '{"outcome":"ok"}\n{"outcome":"ok"}\n'""");
        Assert.Equal(ProgramFailure.WrongAnswer, failure.Field);
        Assert.Contains("more than one line", failure.Expected, StringComparison.Ordinal);
    }

    [NeedsProgramFact(Programs.Shell)]
    public void A_fresh_program_takes_the_place_of_one_that_failed()
    {
        string counted = Path.GetTempFileName();
        try
        {
            string apply = $"echo . >> '{counted}'; exit 1";
            using ExecSystem system = ExecSystem.Start(FakeProgram.Command(FakeProgram.OutcomesOnly, FakeProgram.Say("{}"), apply));
            var run = new LockstepRun(system.UnderTest.Create, compared: system.UnderTest.Observed);
            for (int i = 0; i < 3; i++)
                Assert.Equal(ProgramFailure.Ended, run.Run(FakeProgram.OneCall)!.Field);
            Assert.Equal(3, File.ReadLines(counted).Count());
        }
        finally
        {
            File.Delete(counted);
        }
    }

    [NeedsProgramTheory(Programs.Shell)]
    [InlineData("hello", ProgramFailure.NotJson, "the answer to 'foliocheck 1' is not JSON")]
    [InlineData("""{"protocol":2,"name":"","operations":["*"],"orders":[0],"observes":[]}""", ProgramFailure.WrongAnswer, "speaks protocol 2; this is 1")]
    [InlineData("""{"protocol":1,"name":"","operations":["dance"],"orders":[0],"observes":[]}""", ProgramFailure.WrongAnswer, "unknown operation 'dance'")]
    [InlineData("""{"protocol":1,"name":"","operations":[],"orders":[0],"observes":[]}""", ProgramFailure.WrongAnswer, "no operation at all")]
    [InlineData("""{"protocol":1,"name":"","operations":["*"],"orders":[2],"observes":[]}""", ProgramFailure.WrongAnswer, "order 0 is missing")]
    [InlineData("""{"protocol":1,"name":"","operations":["*"],"orders":[0,1],"observes":[]}""", ProgramFailure.WrongAnswer, "order 1 is none")]
    [InlineData("""{"protocol":1,"name":"","operations":["*"],"orders":[0],"observes":["folios.colour"]}""", ProgramFailure.WrongAnswer, "'folios.colour'")]
    [InlineData("""{"protocol":1,"name":"","operations":["*"],"orders":[0]}""", ProgramFailure.WrongAnswer, "'observes' is missing")]
    [InlineData("""{"protocol":1,"name":7,"operations":["*"],"orders":[0],"observes":[]}""", ProgramFailure.WrongAnswer, "name: 7 is not a string")]
    public void A_greeting_that_is_none_is_named(string greeting, string kind, string message)
    {
        var failure = Assert.Throws<SystemFailureException>(() => FakeProgram.Check(FakeProgram.Command(greeting, ":", ":")));
        Assert.Equal(kind, failure.Kind);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_is_not_there_is_not_started()
    {
        var failure = Assert.Throws<SystemFailureException>(() => ExecSystem.Start(new ProgramCommand("no-such-memory-manager")));
        Assert.Equal(ProgramFailure.NotStarted, failure.Kind);
        Assert.Contains("no-such-memory-manager", failure.Message, StringComparison.Ordinal);
    }
}
