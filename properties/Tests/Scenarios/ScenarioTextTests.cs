using FolioCheck.Implementation;
using FolioCheck.Properties.Tests.Properties;
using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Scenarios;

/// <summary>The text format of scenario files: what is written is read back, and what is wrong is said with its line.</summary>
public sealed class ScenarioTextTests
{
    private const string Head = "foliocheck-scenario 1\nmachine table=8 contpte=4 frames=64 batches=kernel quirks=none\n";

    [ScenarioProperty(MaxTest = 100)]
    public void Reads_what_it_writes(Scenario scenario)
    {
        ScenarioFile file = ScenarioText.Read("x", ScenarioText.Write(scenario, "a comment").Split('\n'));
        Assert.Equal(scenario, file.Scenario);
    }

    [Theory]
    [InlineData("", 0, "the file is empty")]
    [InlineData("# only a comment\n", 0, "the file is empty")]
    [InlineData("foliocheck-scenario 2\n", 1, "a scenario begins with 'foliocheck-scenario 1', not with 'foliocheck-scenario 2'")]
    [InlineData("\u0000\u0001binary\n", 1, "a scenario begins with")]
    [InlineData("foliocheck-scenario 1\n", 1, "the machine line is missing")]
    [InlineData("foliocheck-scenario 1\n0 exit()\n", 2, "expected the machine line, found '0 exit()'")]
    [InlineData("foliocheck-scenario 1\nmachine table=7\n", 2, "a leaf table holds 8 to 512 entries")]
    [InlineData("foliocheck-scenario 1\nmachine table=eight\n", 2, "'eight' is not a number")]
    [InlineData("foliocheck-scenario 1\nmachine colour=red\n", 2, "'colour=red' is no machine setting")]
    [InlineData("foliocheck-scenario 1\nmachine table\n", 2, "'table' is not key=value")]
    [InlineData("foliocheck-scenario 1\nmachine frames=100\n", 2, "a machine has 8 to 1048576 frames, a power of two; 100 is not")]
    [InlineData(Head + "thp 9=always\n", 3, "'9' is no order of this machine: 2 to 3")]
    [InlineData(Head + "thp 2=often\n", 3, "'often' is no THP mode")]
    [InlineData(Head + "thp global=inherit\n", 3, "the global THP setting is always, madvise or never")]
    [InlineData(Head + "0 exit()\nthp 2=always\n", 4, "the thp line stands before the operations")]
    [InlineData(Head + "exit()\n", 3, "'exit()' is not an operation")]
    [InlineData(Head + "x exit()\n", 3, "'x' is not a process number")]
    [InlineData(Head + "0 exit\n", 3, "'exit' is not a call: name(arguments)")]
    [InlineData(Head + "0 teleport(1)\n", 3, "unknown call 'teleport'")]
    [InlineData(Head + "0 read()\n", 3, "read takes 1 arguments (page), not 0")]
    [InlineData(Head + "0 read(0xg)\n", 3, "'0xg' is not a valid page")]
    [InlineData(Head + "0 write(1, 99999999999)\n", 3, "'99999999999' is not a valid token")]
    [InlineData(Head + "0 madvise(1, 1, SPLENDID)\n", 3, "'SPLENDID' is not a valid advice")]
    [InlineData(Head + "0 mmap(1, 1, rwx)\n", 3, "'rwx' is not a valid protection")]
    [InlineData(Head + "0 fail_allocation(2)\n", 3, "what the environment does has a dash")]
    [InlineData(Head + "- exit()\n", 3, "what the environment does has a dash")]
    [InlineData(Head + "0 write_range(0, 99999999, 1)\n", 3, "a range of more than 1048576 pages is not faulted page by page")]
    public void Says_what_is_wrong_and_where(string text, int line, string reason)
    {
        BadInputException exception = Assert.Throws<BadInputException>(() => ScenarioText.Read("file", text.Split('\n')));
        Assert.Equal(line, exception.Line);
        Assert.StartsWith(reason, exception.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_expectation_is_found()
    {
        string text = Head + "thp global=madvise 2=always\n0 mmap(0, 4, rw)\n0 write(1, 5) = ok\n| 0: AAAA\n| a: order 2 refs 4 mapcount 4 pages 4 slots 0:4 exclusive 4\n";
        Assert.Null(Replay(text).Wrong);
        Assert.Equal(4, Replay(text.Replace("= ok", "= SIGSEGV")).Line - 1);
        Assert.Equal(6, Replay(text.Replace("AAAA", "AAAa")).Line);
        Assert.Equal(7, Replay(text.Replace("refs 4", "refs 5")).Line);
    }

    /// <summary>Blocks of four: two that the fault of a folio folds, one of which loses an entry; and the folios of a file.</summary>
    [Fact]
    public void Pictures_show_folded_blocks_and_the_file()
    {
        string text = """
            foliocheck-scenario 1
            machine table=16 contpte=4 frames=64 quirks=none arch=arm64 file=8 file_order=2
            thp global=madvise 3=always
            0 mmap(0x0, 12, rw)
            0 write(0x1, 5) = ok
            | 0: (AAAA)(AAAA)....
            0 madvise(0x5, 1, DONTNEED) = ok
            | 0: (AAAA)A.AA....
            0 mmap_file(0x20, 4, r, 0x4)
            0 read(0x20) = ok
            | 0: (AAAA)A.AA.... (bbbb)
            | b: file page 4 order 2 refs 8 mapcount 4 pages 4 slots 0:4
            """;
        ScenarioFile file = ScenarioText.Read("file", text.Split('\n'));
        ScenarioReplayResult result = ScenarioReplay.Run(file, ReferenceMemory.Create);
        Assert.Null(result.Wrong);
        Assert.Equal(7, result.Expectations);
        var state = new MemoryState { ContPteEntries = 4 };
        IMemorySystem memory = ReferenceMemory.Create(file.Scenario.Machine);
        foreach (Operation operation in file.Scenario.Operations)
            memory.Apply(operation);
        state.Load(memory);
        Assert.Equal(["0: 0x0[(AAAA)A.AA....] 0x20[(bbbb)] shared"], Picture.Lines(state));
    }

    private static ScenarioReplayResult Replay(string text) => ScenarioReplay.Run(ScenarioText.Read("file", text.Split('\n')), OptimizedMemory.Create);

    [Fact]
    public void Machine_and_policy_survive()
    {
        Machine machine = new() { EntriesPerTable = 16, ContPteEntries = 16, Frames = 128, Batches = BatchPolicy.Singles, Quirks = Quirks.None, Thp = ThpPolicy.Off.With(3, ThpMode.Inherit).With(Operation.GlobalOrder, ThpMode.Always) };
        Assert.Equal(machine, ScenarioText.Read("x", ScenarioText.Write(new Scenario(machine, [])).Split('\n')).Scenario.Machine);
    }
}
