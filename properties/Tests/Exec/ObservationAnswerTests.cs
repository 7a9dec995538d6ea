using FolioCheck.Exec;
using Xunit;

namespace FolioCheck.Properties.Tests.Exec;

/// <summary>Observations as a program gives them, after one mmap of four pages: what is taken, what is a difference, what is refused.</summary>
public sealed class ObservationAnswerTests
{
    private static Failure? Check(string observes, string answer)
    {
        string greeting = $$"""{"protocol":1,"name":"fake","operations":["*"],"orders":[0],"observes":[{{observes}}]}""";
        return FakeProgram.Check(FakeProgram.Command(greeting, FakeProgram.Say(answer), FakeProgram.Say("""{"outcome":"ok"}""")));
    }

    [NeedsProgramTheory(Programs.Shell)]
    [InlineData("\"machine.anon_mapped\",\"machine.free_frames\"", """{"machine":{"anon_mapped":0,"free_frames":64}}""")]
    [InlineData("\"machine.free_frames\"", """{"machine":{"free_frames":64}}""")]
    [InlineData("\"processes.rss_anon\"", """{"processes":[{"process":0,"rss_anon":0}]}""")]
    [InlineData("\"vmas.protection\"", """{"processes":[{"process":0,"vmas":[{"start":0,"length":4,"protection":3}]}]}""")]
    [InlineData("\"vmas.anon_vma\",\"values\"", """{"processes":[{"process":0,"vmas":[{"start":0,"length":4,"anon_vma":-1}],"values":[{"page":2,"token":0}]}]}""")]
    [InlineData("\"contents\",\"queue\"", """{"processes":[{"process":0,"entries":[]}],"folios":[],"queue":[]}""")]
    public void What_agrees_is_no_failure(string observes, string answer) => Assert.Null(Check(observes, answer));

    [NeedsProgramTheory(Programs.Shell)]
    [InlineData("\"machine.anon_mapped\",\"machine.free_frames\"", """{"machine":{"anon_mapped":0,"free_frames":63}}""", "machine: free frames")]
    [InlineData("\"processes\"", """{"processes":[{"process":0,"rss_anon":1,"page_tables":0,"thp_disable":0,"rss_file":0}]}""", "process: rss anon")]
    [InlineData("\"vmas.protection\"", """{"processes":[{"process":0,"vmas":[]}]}""", "records")]
    [InlineData("\"entries\"", """{"processes":[{"process":0,"entries":[{"page":0,"count":1,"folio":9,"index":0,"bits":7}]}]}""", "records")]
    [InlineData("\"values\"", """{"processes":[{"process":0,"values":[{"page":2,"token":5}]}]}""", "records")]
    public void What_does_not_is_a_difference(string observes, string answer, string field) => Assert.Equal(field, Check(observes, answer)!.Field);

    [NeedsProgramTheory(Programs.Shell)]
    [InlineData("\"machine.anon_mapped\",\"machine.free_frames\"", "{}", "the observation: 'machine' is missing")]
    [InlineData("\"machine.anon_mapped\",\"machine.free_frames\"", """{"machine":[]}""", "machine: [] is not an object")]
    [InlineData("\"machine.anon_mapped\",\"machine.free_frames\"", """{"machine":{"anon_mapped":0}}""", "machine: 'free_frames' is missing")]
    [InlineData("\"machine.anon_mapped\",\"machine.free_frames\"", """{"machine":{"anon_mapped":0,"free_frames":"64"}}""", "machine.free_frames: \"64\" is not an integer")]
    [InlineData("\"machine.free_frames\"", """{"machine":{"anon_mapped":0,"free_frames":64}}""", "machine: 'anon_mapped' was not asked for")]
    [InlineData("\"processes\"", """{"processes":{}}""", "processes: {} is not an array")]
    [InlineData("\"entries.bits\"", """{"processes":[{"process":0,"entries":[{"page":3,"count":1,"bits":0},{"page":3,"count":1,"bits":0}]}]}""", "processes[0].entries[1]: runs")]
    [InlineData("\"entries.bits\"", """{"processes":[{"process":0,"entries":[{"page":3,"count":0,"bits":0}]}]}""", "processes[0].entries[0]: runs")]
    [InlineData("\"entries.index\"", """{"processes":[{"process":0,"entries":[{"page":0,"count":1,"index":512}]}]}""", "entries[0].index: 512")]
    [InlineData("\"entries.folio\"", """{"processes":[{"process":0,"entries":[{"page":0,"count":1,"folio":-3}]}]}""", "entries[0].folio: -3")]
    [InlineData("\"vmas.start\",\"entries.bits\"", """{"processes":[{"process":0,"vmas":[],"entries":[{"page":7,"count":1,"bits":0}]}]}""", "page 0x7 lie in no VMA")]
    [InlineData("\"vmas.start\"", """{"processes":[{"process":0,"vmas":[{"start":4,"length":4},{"start":0,"length":4}]}]}""", "vmas[1]: VMAs")]
    [InlineData("\"folios.order\"", """{"processes":[{"process":0,"entries":[{"page":0,"count":1,"folio":4}]}],"folios":[]}""", "folio 4, which is not among")]
    [InlineData("\"folios.order\"", """{"processes":[{"process":0,"entries":[]}],"folios":[{"folio":1,"order":0},{"folio":1,"order":0}]}""", "folio 1 stands there twice")]
    [InlineData("\"folios.order\"", """{"processes":[{"process":0,"entries":[]}],"folios":[{"folio":1,"order":77}]}""", "folios[0].order: 77")]
    [InlineData("\"folios.order\",\"mapcounts\"", """{"processes":[{"process":0,"entries":[]}],"folios":[{"folio":1,"order":2,"mapcounts":[0]}]}""", "has 4 pages, not 1")]
    [InlineData("\"queue\"", """{"processes":[{"process":0,"entries":[]}],"folios":[],"queue":[5]}""", "queue: there is no folio 5")]
    public void What_is_no_observation_is_refused_with_its_place(string observes, string answer, string message)
    {
        Failure failure = Check(observes, answer)!;
        Assert.Equal(ProgramFailure.WrongAnswer, failure.Field);
        Assert.Contains(message, failure.Expected, StringComparison.Ordinal);
    }
}
