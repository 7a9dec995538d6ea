using FolioCheck.Reference;
using FolioCheck.Vocabulary;
using Xunit;

namespace FolioCheck.Properties.Tests.Generation;

/// <summary>What is drawn on machines with a file, and on arm64, does something there; elsewhere nothing of it is drawn.</summary>
public sealed class FileAndFoldingTests
{
    private const int Cases = 120;

    [Fact]
    public void Without_a_file_none_is_mapped()
    {
        for (ulong seed = 0; seed < 100; seed++)
            Assert.DoesNotContain(Draw("arch=x86 file=0", seed).Operations, operation => operation.Kind == OperationKind.MmapFile);
    }

    [Fact]
    public void A_file_is_mapped_shared_and_touched()
    {
        int mapped = 0, applied = 0, notModelled = 0, beyond = 0, shared = 0, large = 0;
        foreach (Scenario scenario in Scenarios("file=64"))
        {
            var state = new MemoryState();
            IMemorySystem memory = ReferenceMemory.Create(scenario.Machine);
            foreach (Operation operation in scenario.Operations)
            {
                Outcome outcome = memory.Apply(operation);
                applied++;
                mapped += operation.Kind == OperationKind.MmapFile && outcome.Kind == OutcomeKind.Ok ? 1 : 0;
                notModelled += outcome.Kind == OutcomeKind.NotModelled ? 1 : 0;
                beyond += outcome.Kind == OutcomeKind.BusError ? 1 : 0;
            }
            state.Load(memory);
            shared += state.Folios.Count(folio => folio.State.FilePage >= 0 && folio.State.MaybeMappedShared);
            large += state.Folios.Count(folio => folio.State.FilePage >= 0 && folio.State.Order > 0 && folio.State.Mapcount > 0);
        }
        Assert.True(mapped > Cases / 2, $"mapped {mapped} times");
        Assert.InRange(notModelled, 1, applied / 20);
        Assert.True(beyond > Cases / 4, $"{beyond} accesses beyond the end of the file");
        Assert.True(shared > Cases / 10, $"{shared} large folios of the file shared");
        Assert.True(large > Cases / 2, $"{large} large folios of the file mapped");
    }

    [Fact]
    public void Blocks_are_folded_and_unfolded_in_every_way()
    {
        var counts = new SortedDictionary<EventKind, int>();
        foreach (Scenario scenario in Scenarios("arch=arm64"))
        {
            var events = new List<MemoryEvent>();
            IMemorySystem memory = ReferenceMemory.Create(scenario.Machine, events);
            foreach (Operation operation in scenario.Operations)
                memory.Apply(operation);
            foreach (MemoryEvent step in events)
                counts[step.Kind] = counts.GetValueOrDefault(step.Kind) + 1;
        }
        foreach (EventKind kind in new[] { EventKind.Folded, EventKind.SetFolded, EventKind.Unfolded, EventKind.ClearedFolded })
            Assert.True(counts.GetValueOrDefault(kind) > Cases / 2, $"{kind} {counts.GetValueOrDefault(kind)} times");
    }

    private static IEnumerable<Scenario> Scenarios(string settings) => Enumerable.Range(0, Cases).Select(seed => Draw(settings, (ulong)seed));

    private static Scenario Draw(string settings, ulong seed)
    {
        Assert.Null(MachineSettings.Parse(settings, out MachineSettings parsed));
        return ScenarioGenerator.Draw(new RandomChoices(seed), MachineChoice.Default, 60, settings: parsed);
    }
}
